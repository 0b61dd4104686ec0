// Posts one body over TLS at a given rate on kept connections, and says how long answers took.
// A request is late from when it was due, not from when a connection was free for it.
// Usage: paced_load PORT PATH BODY-FILE CONNECTIONS PER-SECOND SECONDS; prints one JSON line.

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <iostream>
#include <iterator>

#include "core/base/text.hpp"
#include "server/runtime/task.hpp"

namespace signet {
namespace {

using Tcp = asio::ip::tcp;
using Steady = std::chrono::steady_clock;

struct Load {
  std::uint16_t port;
  std::string request;
  double per_second;
  Steady::time_point begin;
  Steady::time_point end;
  std::size_t sent = 0;
  std::size_t failed = 0;
  std::vector<double> milliseconds;

  // When the next request is due.
  Steady::time_point next_due() {
    const std::chrono::duration<double> after(static_cast<double>(sent++) / per_second);
    return begin + std::chrono::duration_cast<Steady::duration>(after);
  }
};

std::string content_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::size_t body_size_in(std::string_view head) {
  constexpr std::string_view kName = "Content-Length: ";
  const std::size_t at = head.find(kName);
  if (at == std::string_view::npos) return 0;
  const std::string_view rest = head.substr(at + kName.size());
  return parse_number(rest.substr(0, rest.find('\r'))).value_or(0);
}

template <class Stream>
Task<bool> answered(Stream& stream, const std::string& request) {
  const auto whole = asio::buffer(request);
  const auto [unwritten, written] = co_await asio::async_write(stream, whole, kToken);
  if (unwritten) co_return false;
  std::string reply;
  const auto [failure, head] =
      co_await asio::async_read_until(stream, asio::dynamic_buffer(reply), "\r\n\r\n", kToken);
  if (failure) co_return false;
  const std::size_t size = head + body_size_in(std::string_view(reply).substr(0, head));
  while (reply.size() < size) {
    std::string more(size - reply.size(), '\0');
    const auto target = asio::buffer(more);
    const auto [ended, got] = co_await stream.async_read_some(target, kToken);
    if (ended) co_return false;
    reply.append(more, 0, got);
  }
  co_return reply.starts_with("HTTP/1.1 200");
}

Task<void> drive(Load& load, asio::ssl::context& context) {
  const auto executor = co_await asio::this_coro::executor;
  asio::ssl::stream<Tcp::socket> stream(executor, context);
  const Tcp::endpoint peer(asio::ip::address_v4::loopback(), load.port);
  const auto [unconnected] = co_await stream.next_layer().async_connect(peer, kToken);
  if (!unconnected) stream.next_layer().set_option(Tcp::no_delay(true));
  const auto [refused] = co_await stream.async_handshake(asio::ssl::stream_base::client, kToken);
  bool usable = !unconnected && !refused;
  asio::steady_timer timer(executor);
  while (usable) {
    const auto due = load.next_due();
    if (due >= load.end) co_return;
    timer.expires_at(due);
    co_await timer.async_wait(kToken);
    usable = co_await answered(stream, load.request);
    const std::chrono::duration<double, std::milli> took = Steady::now() - due;
    load.milliseconds.push_back(took.count());
  }
  ++load.failed;
}

double at_share(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  return sorted[index];
}

int run(char** argv) {
  const std::string body = content_of(argv[3]);
  Load load{static_cast<std::uint16_t>(std::stoul(argv[1])),
            cat("POST ", argv[2], " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json",
                "\r\nContent-Length: ", std::to_string(body.size()), "\r\n\r\n", body),
            std::stod(argv[5]),
            Steady::now(),
            Steady::now() + std::chrono::seconds(std::stoul(argv[6])),
            0,
            0,
            {}};
  asio::io_context loop(1);
  asio::ssl::context context(asio::ssl::context::tls_client);  // whom it speaks to is no question
  for (std::size_t i = 0; i < std::stoul(argv[4]); ++i)
    asio::co_spawn(loop, drive(load, context), asio::detached);
  loop.run();
  std::sort(load.milliseconds.begin(), load.milliseconds.end());
  std::cout << R"({"requests":)" << load.milliseconds.size() << R"(,"failed":)" << load.failed
            << R"(,"p50_ms":)" << at_share(load.milliseconds, 0.5) << R"(,"p99_ms":)"
            << at_share(load.milliseconds, 0.99) << "}" << std::endl;
  return load.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace signet

int main(int argc, char** argv) {
  if (argc != 7) return 64;
  return signet::run(argv);
}
