#pragma once
// The body of a request, put together from bytes as they come; framed by its Content-Length or in
// chunks, never longer than its limit. Beast decodes chunks; a length needs no decoding.

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "server/web/request_head.hpp"

namespace signet {

class RequestBody {
 public:
  // `text` is what was parsed into `head`.
  RequestBody(const RequestHead& head, std::string_view text, std::size_t limit);
  ~RequestBody();
  RequestBody(const RequestBody&) = delete;
  RequestBody& operator=(const RequestBody&) = delete;

  // What was wrong with the head, if anything: 413 where the announced length is over the limit.
  const std::optional<Refusal>& refusal() const { return refusal_; }
  // How many of these bytes were taken; the rest must be offered again with more behind it.
  std::variant<std::size_t, Refusal> put(std::string_view bytes);
  bool done() const;
  std::string take();

 private:
  struct Chunks;
  std::unique_ptr<Chunks> chunks_;  // null where the length is known
  std::string known_;
  std::size_t missing_ = 0;
  std::optional<Refusal> refusal_;
};

}  // namespace signet
