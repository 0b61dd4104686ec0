#include "server/cli/webhook_check.hpp"

#include "core/base/text.hpp"
#include "server/cli/arguments.hpp"
#include "server/cli/check_review.hpp"
#include "server/cli/metrics_text.hpp"

namespace signet {
namespace {

constexpr std::size_t kMetricsBytes = 32 * kMiB;
constexpr std::size_t kShownOfReply = 200;

// One bound for all.
NetTimers timers_of(std::chrono::seconds timeout) {
  NetTimers timers;
  for (std::chrono::milliseconds* const step :
       {&timers.connect, &timers.connect_one, &timers.handshake, &timers.write, &timers.first_byte,
        &timers.between_reads, &timers.rate_grace})
    *step = timeout;
  return timers;
}

// What the transport says, without the cures that are for registries.
std::string seen_here(const std::string& what) {
  const std::size_t authority = what.find("its certificate is from an unknown authority");
  if (authority != std::string::npos) {
    return cat(what.substr(0, authority),
               "its certificate is not signed by the given authority; give the one that signs it, "
               "in the caBundle or with --ca");
  }
  return what.substr(0, what.find("; a registry that only"));
}

std::string_view path_in(const Url& url) {
  const std::string_view target = url.target;
  return target.substr(0, target.find('?'));
}

bool is_late(Reason reason) {
  return reason == Reason::deadline || reason == Reason::registry_timeout;
}

}  // namespace

void WebhookCheck::good(std::string_view name, std::string_view what) {
  output_.out << "ok    " << name << ": " << what << '\n';
}

void WebhookCheck::bad(std::string_view name, std::string_view what) {
  output_.out << "BAD   " << name << ": " << what << '\n';
  bad_ = true;
}

void WebhookCheck::unasked(std::string_view name, std::string_view what) {
  output_.out << "????  " << name << ": " << what << '\n';
  unasked_ = true;
}

int WebhookCheck::code() const {
  if (bad_) return kExitNotTrusted;
  return unasked_ ? kExitUnchecked : kExitTrusted;
}

void WebhookCheck::fail(std::string_view name, const Error& error) {
  const std::string what = seen_here(error.what());
  if (is_late(error.reason())) {
    return unasked(name, cat("no answer in time, ", std::to_string(timeout_.count()),
                             " s: is it overloaded, or does a firewall drop what is sent?"));
  }
  if (error.reason() == Reason::registry_dns) {
    return unasked(name, cat(what, "; is there such a Service?"));
  }
  if (error.reason() == Reason::registry_unreachable && what.starts_with("cannot connect")) {
    return unasked(name, cat("nobody listens there: ", what, "; does it run, and at this port?"));
  }
  bad(name, what);
}

Task<Result<WebhookCheck::Dialled>> WebhookCheck::dial(HookTarget target, Deadline deadline) {
  const auto addresses = co_await resolver_.resolve(target.url.host, deadline);
  if (!addresses) co_return addresses.error();
  Url url = target.url;
  if (!target.server_name.empty()) url.host = target.server_name;
  TlsContext context;
  if (url.tls) {
    auto made = make_client_context(ClientTls{target.ca_pem, target.ca_pem.empty()});
    if (!made) co_return made.error().under("the given authority");
    context = std::move(*made);
  }
  co_return co_await Connection::dial(std::move(url), *addresses, std::move(context),
                                      timers_of(timeout_), deadline);
}

Task<Result<HttpReply>> WebhookCheck::exchange(Connection* connection, HttpRequest request,
                                               Deadline deadline) {
  auto octets = request_octets(request, "signet-check/" SIGNET_VERSION);
  if (!octets) co_return octets.error();
  ReplyReader reader(request);
  const auto ended = co_await connection->exchange(*std::move(octets), reader, deadline);
  if (!ended) co_return ended.error();
  co_return reader.take();
}

Task<Result<HttpReply>> WebhookCheck::get(Url url) {
  const Deadline deadline = deadline_in(timeout_);
  HookTarget target{"", url, "", "", false};
  auto connection = co_await dial(std::move(target), deadline);
  if (!connection) co_return connection.error();
  HttpRequest request("GET", std::move(url));
  request.headers.emplace_back("Accept", "text/plain");
  request.body_limit = kMetricsBytes;
  co_return co_await exchange(connection->get(), std::move(request), deadline);
}

Task<void> WebhookCheck::hook(HookTarget target) {
  const Deadline deadline = deadline_in(timeout_);
  const auto connection = co_await dial(target, deadline);
  if (!connection) co_return fail(target.name, connection.error());
  const std::string& name = target.server_name.empty() ? target.url.host : target.server_name;
  good(target.name,
       cat("its certificate is for ", name, " and signed by ",
           target.ca_pem.empty() ? "an authority of the system" : "the given authority"));
  if (!target.tls_only) co_await ask_review(connection->get(), &target, deadline);
}

Task<void> WebhookCheck::ask_review(Connection* connection, const HookTarget* target,
                                    Deadline deadline) {
  const std::string uid = fresh_check_uid();
  HttpRequest request("POST", target->url);
  const std::string_view more = request.url.target.find('?') == std::string::npos ? "?" : "&";
  request.url.target += cat(more, "timeout=", std::to_string(timeout_.count()), "s");
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = check_review(checked_hook(path_in(target->url)), uid);
  const auto reply = co_await exchange(connection, std::move(request), deadline);
  if (!reply) co_return fail(target->name, reply.error());
  judge_answer(*target, uid, *reply);
}

void WebhookCheck::judge_answer(const HookTarget& target, const std::string& uid,
                                const HttpReply& reply) {
  if (reply.status != 200) {
    return bad(target.name, cat("answers a review with status ", std::to_string(reply.status), ": ",
                                printable(trim(reply.body), kShownOfReply),
                                "; does the webhook's path lead to Signet?"));
  }
  const auto answer = read_check_answer(reply.body, uid);
  if (!answer) return bad(target.name, cat(answer.error().what(), "; is this Signet?"));
  const bool must_deny = checked_hook(path_in(target.url)) == CheckedHook::validate;
  if (must_deny && answer->allowed) {
    return bad(target.name,
               "lets a Pod in whose image is none; whatever answers here does not decide");
  }
  good(target.name, must_deny ? "denies a Pod whose image is none" : "answers a review");
}

Task<void> WebhookCheck::readiness(Url url) {
  const std::string name = url.str();
  const auto reply = co_await get(std::move(url));
  if (!reply) co_return fail(name, reply.error());
  if (reply->status == 200) co_return good(name, "ready");
  bad(name, cat("not ready, status ", std::to_string(reply->status), ": ",
                printable(trim(reply->body), kShownOfReply)));
}

Task<void> WebhookCheck::metrics(Url url) {
  const std::string name = url.str();
  const auto reply = co_await get(std::move(url));
  if (!reply) co_return fail(name, reply.error());
  if (reply->status != 200) {
    co_return bad(name, cat("no metrics, status ", std::to_string(reply->status)));
  }
  const auto samples = count_samples(reply->body);
  if (!samples) co_return bad(name, cat("no metrics: ", samples.error().what()));
  if (reply->body.find("\nsignet_") == std::string::npos) {
    co_return bad(name, "no metric of Signet is among them; is this its address?");
  }
  good(name, cat(std::to_string(*samples), " metrics"));
}

}  // namespace signet
