#include "server/web/policy_hook.hpp"

#include "core/admission/policy_review.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

// An error here is an answer of status 500, which the API server takes for a failed webhook.
Task<WebReply> answer(const Snapshot<PolicySet>* policies, WebRequest request) {
  WebReply reply = WebReply::text(500, "internal error\n");
  try {
    const auto in_force = policies->get();
    auto answered = answer_policy_review(request.body, in_force.get());
    if (!answered) co_return WebReply::text(400, cat(printable(answered.error().what()), "\n"));
    reply = WebReply::text(200, std::move(*answered));
    reply.content_type = "application/json";
  } catch (const std::exception&) {
  }
  co_return reply;
}

}  // namespace

Route policy_route(const Snapshot<PolicySet>& policies) {
  return Route{"POST", "/validate-policy",
               [&policies](WebRequest request) { return answer(&policies, std::move(request)); }};
}

}  // namespace signet
