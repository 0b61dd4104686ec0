#pragma once
// Owners of OpenSSL handles, and the one way to read its error queue. A raw pointer appears only as
// a parameter that is not kept.

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <memory>
#include <string>

namespace signet {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* p) const noexcept {
    Free(p);
  }
};

// Frees the stack alone; its elements belong to others.
struct StackFreer {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
  void operator()(STACK_OF(X509_CRL) * stack) const noexcept { sk_X509_CRL_free(stack); }
};

using BioOwner = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using DigestContextOwner = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using KeyOwner = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using CertificateOwner = std::unique_ptr<X509, Freer<X509_free>>;
using CrlOwner = std::unique_ptr<X509_CRL, Freer<X509_CRL_free>>;
using StoreOwner = std::unique_ptr<X509_STORE, Freer<X509_STORE_free>>;
using StoreContextOwner = std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>>;
using CertificateStack = std::unique_ptr<STACK_OF(X509), StackFreer>;
using CrlStack = std::unique_ptr<STACK_OF(X509_CRL), StackFreer>;

// The thread's error queue while some calls are made: empty when they begin and when they end, so
// that no failure is read by, or blamed on, somebody else.
class ErrorQueue {
 public:
  ErrorQueue();
  ~ErrorQueue();
  ErrorQueue(const ErrorQueue&) = delete;
  ErrorQueue& operator=(const ErrorQueue&) = delete;

  // What OpenSSL said since, oldest first; empties the queue.
  std::string drain();
};

// The RFC 4514 text of a name, as `openssl x509 -nameopt RFC2253` prints it: octets outside
// printable ASCII are escaped.
std::string name_text(const X509_NAME* name);

}  // namespace signet
