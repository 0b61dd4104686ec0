#include "core/crypto/openssl.hpp"

#include <openssl/err.h>

namespace signet {

ErrorQueue::ErrorQueue() {
  ERR_clear_error();
}

ErrorQueue::~ErrorQueue() {
  ERR_clear_error();
}

std::string ErrorQueue::drain() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    const char* const reason = ERR_reason_error_string(code);
    if (!text.empty()) text.append(", ");
    text.append(reason != nullptr ? reason : "unknown OpenSSL error");
  }
  return text.empty() ? "OpenSSL gave no reason" : text;
}

std::string name_text(const X509_NAME* name) {
  const BioOwner out(BIO_new(BIO_s_mem()));
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
  const char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace signet
