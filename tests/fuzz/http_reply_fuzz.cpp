// Feeds ReplyReader (server/net): the first octet chooses the request and how the rest is cut.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/net/reply_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  constexpr std::size_t kLimit = 1000;
  const unsigned choice = data[0];
  std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  static const auto url = signet::Url::parse("https://registry.example/v2/");
  signet::HttpRequest request((choice & 1) != 0 ? "HEAD" : "GET", *url);
  request.hash_verified = (choice & 2) != 0;
  request.body_limit = kLimit;
  const std::size_t piece = (choice >> 2) == 0 ? octets.size() + 1 : choice >> 2;

  signet::ReplyReader reader(request);
  while (!octets.empty() && !reader.done()) {
    const auto fed = reader.feed(octets.substr(0, piece));
    if (!fed) return 0;
    octets.remove_prefix(std::min(piece, octets.size()));
  }
  const auto ended =
      reader.end((choice & 4) != 0 ? signet::Ending::clean : signet::Ending::truncated);
  if (!ended) return 0;
  if (!reader.done()) std::abort();
  const signet::HttpReply reply = reader.take();
  const bool success = reply.status >= 200 && reply.status < 300;
  if (reply.status < 200 || reply.status > 599) std::abort();
  if (success && reply.body.size() > kLimit) std::abort();
  if (reply.body.size() > signet::kErrorBodyBytes) std::abort();
  return 0;
}
