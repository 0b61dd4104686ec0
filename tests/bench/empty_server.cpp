// What the service is measured against: an HTTPS server that reads a whole request and answers 200,
// written with Beast's coroutines in the ordinary way, with the TLS settings of the service.
// Usage: empty_server CERT KEY ANSWER; prints the port.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <fstream>
#include <iostream>
#include <iterator>

#include "server/net/tls.hpp"

namespace signet {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;
using Stream = beast::ssl_stream<beast::tcp_stream>;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr std::uint64_t kBody = 7 * 1024 * 1024;

std::string content_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

http::response<http::string_body> answer_to(const http::request<http::string_body>& request,
                                            const std::string& answer) {
  http::response<http::string_body> reply(http::status::ok, request.version());
  reply.set(http::field::content_type, "application/json");
  reply.keep_alive(request.keep_alive());
  reply.body() = answer;
  reply.prepare_payload();
  return reply;
}

asio::awaitable<void> serve(Tcp::socket socket, TlsContext context, const std::string& answer) {
  Stream stream(std::move(socket), *context);
  auto& lowest = beast::get_lowest_layer(stream);
  lowest.socket().set_option(Tcp::no_delay(true));
  lowest.expires_after(std::chrono::seconds(10));
  const auto [refused] = co_await stream.async_handshake(asio::ssl::stream_base::server, kToken);
  if (refused) co_return;
  beast::flat_buffer buffer;
  while (true) {
    lowest.expires_after(std::chrono::seconds(180));
    http::request_parser<http::string_body> parser;
    parser.body_limit(kBody);
    const auto [failure, size] = co_await http::async_read(stream, buffer, parser, kToken);
    if (failure) co_return;
    const auto reply = answer_to(parser.get(), answer);
    lowest.expires_after(std::chrono::seconds(10));
    const auto [unwritten, written] = co_await http::async_write(stream, reply, kToken);
    if (unwritten || !reply.keep_alive()) co_return;
  }
}

asio::awaitable<void> listen(Tcp::acceptor& acceptor, TlsContext context,
                             const std::string& answer) {
  while (true) {
    auto [failure, socket] = co_await acceptor.async_accept(kToken);
    if (failure) co_return;
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), context, answer),
                   asio::detached);
  }
}

int run(char** argv) {
  ServerTls settings;
  settings.keys = KeyPair{content_of(argv[1]), content_of(argv[2])};
  const auto context = make_server_context(std::move(settings));
  if (!context) {
    std::cerr << context.error().what() << "\n";
    return 1;
  }
  const std::string answer = content_of(argv[3]);
  asio::io_context loop(1);
  Tcp::acceptor acceptor(loop, Tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  std::cout << acceptor.local_endpoint().port() << std::endl;
  asio::co_spawn(loop, listen(acceptor, *context, answer), asio::detached);
  loop.run();
  return 0;
}

}  // namespace
}  // namespace signet

int main(int argc, char** argv) {
  if (argc != 4) return 64;
  return signet::run(argv);
}
