#include "server/registry/endpoint.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/oci/domain.hpp"
#include "server/net/url.hpp"

namespace signet {
namespace {

std::string_view without_brackets(std::string_view host) {
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

bool is_target_char(char c) {
  return is_alnum(c) || std::string_view("._/:-").find(c) != std::string_view::npos;
}

// Asserted again on what goes over the wire: no "//", no dot segments, no byte outside the
// alphabet.
bool is_clean(std::string_view target) {
  return std::all_of(target.begin(), target.end(), is_target_char) &&
         target.find("//") == std::string_view::npos && target.find("/.") == std::string_view::npos;
}

}  // namespace

Result<Url> registry_url(const Repository& repository, const NetSettings& settings) {
  const auto domain = Domain::parse(repository.domain);
  if (!domain) return domain.error().under(repository.str());
  const bool hub = domain->host == "docker.io" || domain->host == "index.docker.io";
  const std::string host = hub ? "registry-1.docker.io" : domain->host;
  const bool plain =
      settings.is_plain_http(without_brackets(host), domain->port.value_or(kHttpPort));
  const std::string port = domain->port ? cat(":", std::to_string(*domain->port)) : "";
  auto url = Url::parse(cat(plain ? "http://" : "https://", host, port, "/"));
  if (!url) return url.error().as(Reason::invalid_reference).under(repository.str());
  return url;
}

Result<Url> object_url(const Url& registry, const Repository& repository, std::string_view kind,
                       std::string_view name) {
  Url url = registry;
  url.target = cat("/v2/", repository.path, "/", kind, "/", name);
  if (!is_clean(url.target)) {
    return Error(Reason::invalid_reference,
                 cat(quoted(repository.str(), 120), ": this cannot be asked of a registry"));
  }
  return url;
}

}  // namespace signet
