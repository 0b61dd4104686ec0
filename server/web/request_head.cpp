#include "server/web/request_head.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::size_t kMethodBytes = 16;
constexpr std::size_t kLengthDigits = 18;

bool is_token(char c) {
  return is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_text(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet >= 0x20 ? octet != 0x7f : c == '\t';
}

bool is_visible(char c) {
  return c > 0x20 && c < 0x7f;
}

template <class Test>
bool all_of(std::string_view text, Test test) {
  return std::all_of(text.begin(), text.end(), test);
}

// Takes one line off `text`; nothing where a CR or LF stands alone.
std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find_first_of("\r\n");
  if (end == std::string_view::npos || text.substr(end, 2) != "\r\n") return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return line;
}

class HeadReader {
 public:
  std::variant<RequestHead, Refusal> read(std::string_view text) {
    const auto first = take_line(text);
    if (!first) return Refusal{400, "the request line does not end with CRLF"};
    if (auto refusal = read_request_line(*first)) return *refusal;
    while (true) {
      const auto line = take_line(text);
      if (!line) return Refusal{400, "a header line does not end with CRLF"};
      if (line->empty()) break;
      if (auto refusal = read_field(*line)) return *refusal;
    }
    if (!text.empty()) return Refusal{400, "bytes after the header"};
    if (auto refusal = check_framing()) return *refusal;
    return std::move(head_);
  }

 private:
  using Maybe = std::optional<Refusal>;

  Maybe read_request_line(std::string_view line) {
    const auto words = split(line, ' ');
    if (words.size() != 3) return Refusal{400, "the request line is not METHOD TARGET HTTP/1.1"};
    if (words[0].empty() || words[0].size() > kMethodBytes || !all_of(words[0], is_upper)) {
      return Refusal{400, "the method is not a word in upper case"};
    }
    if (words[2] != "HTTP/1.1") {
      if (words[2].starts_with("HTTP/")) return Refusal{505, "only HTTP/1.1 is spoken here"};
      return Refusal{400, "the request line does not end with HTTP/1.1"};
    }
    const std::string_view target = words[1];
    if (target.size() > kTargetBytes) return Refusal{400, "the target is too long"};
    const bool plain = target.starts_with('/') && all_of(target, is_visible) &&
                       target.find('#') == std::string_view::npos;
    if (!plain) return Refusal{400, "the target is not a path"};
    const auto mark = target.find('?');
    head_.method = words[0];
    head_.path = target.substr(0, mark);
    if (mark != std::string_view::npos) head_.query = target.substr(mark + 1);
    return std::nullopt;
  }

  Maybe read_field(std::string_view line) {
    if (++fields_ > kHeadFields) return Refusal{431, "more than 64 header fields"};
    const auto colon = line.find(':');
    // A line that begins with white space would continue the one above (RFC 9112 5.2).
    if (colon == std::string_view::npos || colon == 0 || !all_of(line.substr(0, colon), is_token)) {
      return Refusal{400, "a header line is not NAME: VALUE"};
    }
    if (!all_of(line, is_text)) return Refusal{400, "a header holds a control character"};
    return note(to_lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }

  Maybe note(const std::string& name, std::string_view value) {
    if (name == "host") return once(host_, value, "Host");
    if (name == "content-type") return once(type_, value, "Content-Type");
    if (name == "content-length") return once(length_, value, "Content-Length");
    if (name == "transfer-encoding") return once(coding_, value, "Transfer-Encoding");
    if (name == "expect") return once(expect_, value, "Expect");
    if (name == "accept") head_.accept.append(head_.accept.empty() ? "" : ",").append(value);
    if (name == "connection") {
      for (const std::string_view option : split(value, ',')) {
        if (equals_ignoring_case(trim(option), "close")) head_.wants_close = true;
      }
    }
    return std::nullopt;
  }

  static Maybe once(std::optional<std::string>& field, std::string_view value,
                    std::string_view name) {
    if (field) return Refusal{400, cat("two ", name, " headers")};
    field = value;
    return std::nullopt;
  }

  Maybe check_framing() {
    if (!host_) return Refusal{400, "no Host header"};
    if (length_ && coding_) return Refusal{400, "both Content-Length and Transfer-Encoding"};
    if (length_) {
      const bool digits =
          !length_->empty() && length_->size() <= kLengthDigits && all_of(*length_, is_digit);
      if (!digits) return Refusal{400, "Content-Length is not a number"};
      head_.content_length = std::stoull(*length_);
    }
    if (coding_) {
      if (!equals_ignoring_case(*coding_, "chunked")) {
        return Refusal{400, "the only Transfer-Encoding is chunked"};
      }
      head_.chunked = true;
    }
    if (expect_) {
      if (!equals_ignoring_case(*expect_, "100-continue")) {
        return Refusal{417, "the only expectation is 100-continue"};
      }
      head_.expects_continue = true;
    }
    if (type_) head_.content_type = to_lower(trim(type_->substr(0, type_->find(';'))));
    return check_body();
  }

  Maybe check_body() const {
    const bool has_body = head_.chunked || head_.content_length.value_or(0) > 0;
    if ((head_.method == "GET" || head_.method == "HEAD") && has_body) {
      return Refusal{400, "a GET has no body"};
    }
    if (head_.method == "POST" && !head_.chunked && !head_.content_length) {
      return Refusal{411, "a POST needs a Content-Length"};
    }
    return std::nullopt;
  }

  RequestHead head_;
  std::size_t fields_ = 0;
  std::optional<std::string> host_, type_, length_, coding_, expect_;
};

}  // namespace

std::variant<RequestHead, Refusal> parse_request_head(std::string_view text) {
  return HeadReader().read(text);
}

bool may_begin_request(std::string_view text) {
  const auto space = text.find(' ');
  const std::string_view method = text.substr(0, space);
  return !method.starts_with(' ') && method.size() <= kMethodBytes && all_of(method, is_upper) &&
         space != 0;
}

}  // namespace signet
