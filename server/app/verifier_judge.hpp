#pragma once
// The verifier as the webhook asks it: in the service and in every command that decides like it.

#include <boost/asio/any_io_executor.hpp>

#include "server/verify/verifier.hpp"
#include "server/web/webhook.hpp"

namespace signet {

// `verifier` must outlive the judge; what is begun runs on `executor`.
Judge judge_by(Verifier& verifier, const asio::any_io_executor& executor);

}  // namespace signet
