#pragma once
// The pieces of answering a review that need no webhook: judging one text, pinning one text, and
// the log lines of webhook.md J.1.

#include "server/web/webhook.hpp"

namespace signet {

// A verdict for any text, references that cannot be read and a missing set of policies included.
Task<Verdict> verify_text(const Judge& judge, std::string text, Workload workload,
                          std::shared_ptr<const PolicySet> policies, Deadline deadline);
// The text with the digest behind it that its tag stands for.
Task<Result<std::string>> pin_text(const Judge& judge, std::string text, Deadline deadline);

std::string_view word_of(Operation operation);

LogLine decision_line(const Review& review, const std::vector<JudgedImage>& images,
                      const Decision& decision, const std::string& id,
                      Deadline::clock::time_point received);
LogLine pinning_line(const Review& review, const std::vector<Pinning>& pinnings,
                     const std::string& id, Deadline::clock::time_point received);
LogLine failure_line(const std::string& id, const std::string& thrown);

}  // namespace signet
