// Feeds bytes of a connection to the head and body parsers of server/web, in two pieces.

#include <cstdint>
#include <cstdlib>

#include "server/web/request_body.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace signet;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    static_cast<void>(may_begin_request(bytes));
    return 0;
  }
  const std::string_view head_text = bytes.substr(0, end + 4);
  const auto head = parse_request_head(head_text);
  if (std::holds_alternative<Refusal>(head)) return 0;
  constexpr std::size_t kLimit = 1000;
  RequestBody body(std::get<RequestHead>(head), head_text, kLimit);
  if (body.refusal()) return 0;
  std::string rest(bytes.substr(end + 4));
  for (const std::size_t part : {rest.size() / 2, rest.size()}) {
    if (body.done()) break;
    const auto taken = body.put(std::string_view(rest).substr(0, part));
    if (std::holds_alternative<Refusal>(taken)) return 0;
    rest.erase(0, std::get<std::size_t>(taken));
  }
  if (body.done() && body.take().size() > kLimit) std::abort();
  return 0;
}
