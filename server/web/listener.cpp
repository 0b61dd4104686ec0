#include "server/web/listener.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>

namespace signet {
namespace {

constexpr std::chrono::milliseconds kPause{100};    // after EMFILE and its like
constexpr std::chrono::milliseconds kUnwind{1000};  // for the accept loop to notice its end
constexpr int kShedAtOnce = 64;                     // connections sent away between two pauses
// More cannot be of use before the session reads it; the kernel's own choice is up to 6 MiB each.
constexpr int kReceiveBytes = 128 * 1024;

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

std::string cure_of(const boost::system::error_code& failure) {
  if (failure == asio::error::address_in_use) {
    return "the port is taken; end what listens there, or name another port";
  }
  if (failure == asio::error::access_denied) {
    return "this user may not take that port; name one above 1023";
  }
  if (failure == boost::system::errc::address_not_available) {
    return "this machine has no such address; name one that it has, or 0.0.0.0 for all";
  }
  return failure.message();
}

}  // namespace

Listener::Listener(asio::any_io_executor executor, ListenerSettings settings, SessionHost host)
    : executor_(executor),
      settings_(std::move(settings)),
      host_(std::move(host)),
      acceptor_(executor),
      seats_(settings_.seats),
      sessions_(executor, settings_.seats.all, [this](const std::exception_ptr& failure) {
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
  if (!failure) {
    acceptor_.set_option(asio::socket_base::receive_buffer_size(kReceiveBytes), failure);
  }
  if (!failure) acceptor_.bind(endpoint, failure);
  if (!failure) acceptor_.listen(asio::socket_base::max_listen_connections, failure);
  if (!failure) acceptor_.non_blocking(true, failure);
  if (failure) {
    return Error(Reason::config_not_ready,
                 "cannot listen on " + settings_.address.str() + ": " + cure_of(failure));
  }
  spare_descriptor_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
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
    std::string failed;
    try {
      const auto failure = co_await accept_one();
      if (!failure || failure == asio::error::connection_aborted) continue;
      failed = failure.message();
      if (failure == asio::error::no_descriptors) shed_waiting();
    } catch (...) {
      failed = told(std::current_exception());
    }
    if (!acceptor_.is_open()) co_return;
    host_.log.write(LogLine(LogLevel::warn, "http", "accept_failed", "cannot accept a connection")
                        .with("listener", host_.listener)
                        .with("error", failed));
    pause.expires_after(kPause);
    co_await pause.async_wait(kToken);
  }
}

Task<boost::system::error_code> Listener::accept_one() {
  auto [failure, socket] = co_await acceptor_.async_accept(kToken);
  if (!failure && acceptor_.is_open()) start(std::move(socket));
  co_return failure;
}

void Listener::start(Tcp::socket socket) {
  boost::system::error_code ignored;
  const auto source = socket.remote_endpoint(ignored).address();
  auto seat = seats_.take(source);
  // A self-managed certificate may not be there yet.
  const bool has_certificate = !settings_.tls || settings_.tls() != nullptr;
  if (!seat || !has_certificate || host_.memory.is_short()) {
    host_.metrics.connections_closed.add({host_.listener, "refused"});
    socket.close(ignored);
    return;
  }
  host_.metrics.connections_opened.add({host_.listener});
  // Shared, for a session's body must be copyable.
  const auto place = std::make_shared<Seat>(std::move(*seat));
  const auto held = std::make_shared<Tcp::socket>(std::move(socket));
  const bool started = sessions_.start([this, held, place](Session& session) {
    if (!settings_.tls) return serve_plain(std::move(*held), host_, session);
    return serve_tls(std::move(*held), settings_.tls(), host_, session);
  });
  if (started) return;
  held->close(ignored);
}

// Whoever waits is told at once, and may find another replica, instead of waiting for a descriptor
// that may never come.
void Listener::shed_waiting() {
  if (spare_descriptor_ < 0) return;
  ::close(spare_descriptor_);
  boost::system::error_code failure;
  for (int i = 0; i < kShedAtOnce && !failure; ++i) {
    Tcp::socket sent_away(executor_);
    acceptor_.accept(sent_away, failure);
    if (!failure) host_.metrics.connections_closed.add({host_.listener, "refused"});
  }
  spare_descriptor_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

Task<void> Listener::stop(Deadline deadline) {
  host_.closing = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  co_await sessions_.drain(deadline);
  if (accepting_) co_await stopped_.wait(deadline_in(kUnwind));
}

Listener::~Listener() {
  if (spare_descriptor_ >= 0) ::close(spare_descriptor_);
}

}  // namespace signet
