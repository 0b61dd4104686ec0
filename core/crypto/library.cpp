#include "core/crypto/library.hpp"

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/base/text.hpp"
#include "core/crypto/openssl.hpp"

namespace signet {
namespace {

constexpr std::string_view kKeys[] = {"RSA", "EC", "ED25519"};
constexpr std::string_view kDecoded = "structure=SubjectPublicKeyInfo";
constexpr std::string_view kFromDer = "input=der";

using Algorithms = std::vector<OSSL_ALGORITHM>;  // the last one is empty, as OpenSSL wants it

// What of the default provider is shown to the narrow context.
struct Shown {
  OSSL_PROVIDER* provider = nullptr;
  Algorithms decoders;
  Algorithms key_managers;
};

Shown& shown() {
  static Shown shown;
  return shown;
}

// Names are alternatives, divided by colons.
bool is_accepted_key(const OSSL_ALGORITHM& algorithm) {
  const auto names = split(algorithm.algorithm_names, ':');
  return std::find_first_of(names.begin(), names.end(), std::begin(kKeys), std::end(kKeys)) !=
         names.end();
}

bool decodes_spki(const OSSL_ALGORITHM& algorithm) {
  const std::string_view properties = algorithm.property_definition;
  return properties.find(kDecoded) != std::string_view::npos &&
         properties.find(kFromDer) != std::string_view::npos;
}

template <class Keep>
Algorithms filtered(OSSL_PROVIDER* provider, int operation, Keep keep) {
  int no_cache = 0;
  Algorithms kept;
  const OSSL_ALGORITHM* all = OSSL_PROVIDER_query_operation(provider, operation, &no_cache);
  for (; all != nullptr && all->algorithm_names != nullptr; ++all) {
    if (is_accepted_key(*all) && keep(*all)) kept.push_back(*all);
  }
  kept.push_back({});
  return kept;
}

const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
  if (operation == OSSL_OP_DECODER) return shown().decoders.data();
  if (operation == OSSL_OP_KEYMGMT) return shown().key_managers.data();
  return OSSL_PROVIDER_query_operation(shown().provider, operation, no_cache);
}

int begin(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** functions,
          void** context) {
  static const OSSL_DISPATCH kFunctions[] = {
      {OSSL_FUNC_PROVIDER_QUERY_OPERATION, reinterpret_cast<void (*)()>(query)}, {0, nullptr}};
  *functions = kFunctions;
  *context = OSSL_PROVIDER_get0_provider_ctx(shown().provider);
  return 1;
}

OSSL_LIB_CTX* make_library() {
  ErrorQueue errors;
  Shown& all = shown();
  all.provider = OSSL_PROVIDER_load(nullptr, "default");
  if (all.provider == nullptr) return nullptr;
  all.decoders = filtered(all.provider, OSSL_OP_DECODER, decodes_spki);
  all.key_managers =
      filtered(all.provider, OSSL_OP_KEYMGMT, [](const OSSL_ALGORITHM&) { return true; });
  const bool complete =
      all.decoders.size() > std::size(kKeys) && all.key_managers.size() > std::size(kKeys);
  OSSL_LIB_CTX* const context = complete ? OSSL_LIB_CTX_new() : nullptr;
  if (context == nullptr) return nullptr;
  if (OSSL_PROVIDER_add_builtin(context, "narrow", begin) == 1 &&
      OSSL_PROVIDER_load(context, "narrow") != nullptr) {
    return context;
  }
  OSSL_LIB_CTX_free(context);
  return nullptr;
}

}  // namespace

OSSL_LIB_CTX* crypto_library() {
  static OSSL_LIB_CTX* const library = make_library();
  return library;
}

}  // namespace signet
