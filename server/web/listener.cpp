#include "server/web/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>

namespace signet {
namespace {

constexpr std::chrono::milliseconds kPause{100};    // after EMFILE and its like
constexpr std::chrono::milliseconds kUnwind{1000};  // for the accept loop to notice its end

using Tcp = asio::ip::tcp;

std::string told(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown exception";
  }
}

}  // namespace

Listener::Listener(asio::any_io_executor executor, ListenerSettings settings, SessionHost host)
    : executor_(executor),
      settings_(std::move(settings)),
      host_(std::move(host)),
      acceptor_(executor),
      sessions_(executor, settings_.connections, [this](const std::exception_ptr& failure) {
        host_.log.write(LogLine(LogLevel::error, "http", "session_failed", "a session threw")
                            .with("listener", host_.listener)
                            .with("error", told(failure)));
      }) {}

Result<ListenAddress> Listener::open() {
  const Tcp::endpoint endpoint(asio::ip::make_address(settings_.address.address),
                               settings_.address.port);
  boost::system::error_code failure;
  acceptor_.open(endpoint.protocol(), failure);
  if (!failure) acceptor_.set_option(Tcp::acceptor::reuse_address(true), failure);
  if (!failure) acceptor_.bind(endpoint, failure);
  if (!failure) acceptor_.listen(asio::socket_base::max_listen_connections, failure);
  if (failure) {
    return Error(Reason::config_not_ready, "cannot listen on " + settings_.address.str() + " (" +
                                               host_.listener + "): " + failure.message());
  }
  accepting_ = true;
  asio::co_spawn(executor_, accept_all(), [this](const std::exception_ptr& thrown) {
    accepting_ = false;
    if (thrown) {
      host_.log.write(LogLine(LogLevel::error, "http", "listener_failed", "a listener has ended")
                          .with("listener", host_.listener)
                          .with("error", told(thrown)));
    }
    stopped_.notify();
  });
  return ListenAddress{settings_.address.address, acceptor_.local_endpoint().port()};
}

Task<void> Listener::accept_all() {
  asio::steady_timer pause(executor_);
  while (acceptor_.is_open()) {
    auto [failure, socket] = co_await acceptor_.async_accept(kToken);
    if (!acceptor_.is_open()) co_return;
    if (!failure) {
      start(std::move(socket));
      continue;
    }
    if (failure == asio::error::connection_aborted) continue;
    host_.log.write(LogLine(LogLevel::warn, "http", "accept_failed", "cannot accept a connection")
                        .with("listener", host_.listener)
                        .with("error", failure.message()));
    pause.expires_after(kPause);
    co_await pause.async_wait(kToken);
  }
}

void Listener::start(Tcp::socket socket) {
  // Shared, for a session's body must be copyable.
  const auto held = std::make_shared<Tcp::socket>(std::move(socket));
  const bool started = sessions_.start([this, held](Session& session) {
    if (!settings_.tls) return serve_plain(std::move(*held), host_, session);
    return serve_tls(std::move(*held), settings_.tls(), host_, session);
  });
  if (started) return;
  boost::system::error_code ignored;
  held->close(ignored);
}

Task<void> Listener::stop(Deadline deadline) {
  host_.closing = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  co_await sessions_.drain(deadline);
  if (accepting_) co_await stopped_.wait(deadline_in(kUnwind));
}

}  // namespace signet
