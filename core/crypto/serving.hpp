#pragma once
// The certificates that a service makes for itself (webhook.md D.2): an authority that can speak
// for the service's own names only, and the short-lived certificate that it signs for them. A name
// is a DNS name or an address.

#include <chrono>

#include "core/crypto/issuer.hpp"

namespace signet {

// Certificates begin so long before they are made, for clients whose clocks are behind.
inline constexpr std::chrono::hours kServingBackdated{1};

using ServiceNames = std::vector<std::string>;

struct ServingAuthority {
  Certificate certificate;
  PrivateKey key;
};

Result<ServingAuthority> make_serving_authority(const ServiceNames& names, TimePoint now,
                                                std::chrono::seconds valid_for);
// Fails with malformed_object: not one certificate, no authority, or the key of another.
Result<ServingAuthority> parse_serving_authority(Bytes certificate_pem, Bytes key_pem);
// One that this program made, and for exactly these names.
bool is_authority_for(const Certificate& authority, const ServiceNames& names);
bool is_serving_authority(const Certificate& certificate);

struct ServingCertificate {
  std::string chain_pem;
  std::string key_pem;
  TimePoint not_before;
  TimePoint not_after;
};

// Valid from an hour before `now`, and never longer than its authority. nullptr: it signs itself.
Result<ServingCertificate> make_serving_certificate(const ServingAuthority* authority,
                                                    const ServiceNames& names, TimePoint now,
                                                    std::chrono::seconds valid_for);

// Whether a client that calls this DNS name accepts the certificate for it; the CN counts nothing.
bool names_host(const Certificate& certificate, const std::string& dns_name);
// Whether a client that trusts this bundle (PEM) accepts the chain for that DNS name; empty: any.
Result<void> check_trusted(Bytes bundle_pem, Bytes chain_pem, const std::string& dns_name,
                           TimePoint now);

}  // namespace signet
