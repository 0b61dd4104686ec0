// Feeds Docker config files to the credentials parser, for both owners, and asks for logins.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/registry/credentials.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const Repository image = *Repository::parse("reg.io/team/app");
  static const Repository hub = *Repository::parse("nginx");

  for (const auto owner : {CredentialOwner::service, CredentialOwner::pull_secret}) {
    const auto credentials = Credentials::parse(text, owner);
    const auto older = Credentials::parse_dockercfg(text, owner);
    if (older && older->candidates_for(image).size() > kCredentialsTried) std::abort();
    if (!credentials) continue;
    for (const Repository& repository : {image, hub}) {
      const auto found = credentials->candidates_for(repository);
      if (found.size() > kCredentialsTried) std::abort();
      for (const Credential& credential : found) {
        if (credential.username.find(':') != std::string::npos) std::abort();
        if (credential.basic().find('\n') != std::string::npos) std::abort();
        const bool tokens =
            !credential.identity_token.empty() || !credential.registry_token.empty();
        if (tokens && owner == CredentialOwner::pull_secret) std::abort();
      }
    }
  }
  return 0;
}
