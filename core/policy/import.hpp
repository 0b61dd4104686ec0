#pragma once
// Policies of sigstore's policy-controller, of Kyverno and of OpenShift as Signet's. What a
// converted policy admits, the peer's would not have refused; what cannot be said here is left out
// of it, in a comment beside its place and in a remark, and a policy that would lose a demand is
// left out as a whole.

#include <string>
#include <vector>

#include "core/policy/loader.hpp"

namespace signet {

struct ImportOptions {
  bool without_logs = false;  // demands for logs and SCTs are dropped, and told as losses
};

struct ImportRemark {
  bool loss = false;  // else: nothing changes by it
  Issue issue;        // place and field in the input
};

struct Imported {
  std::string text;  // loads without issues
  std::vector<ImportRemark> remarks;

  bool complete() const;
};

// Fails where the input cannot be read, or holds nothing that is known here; the message has a line
// for each mistake.
Result<Imported> import_policies(const SourceFile& input, const ImportOptions& options);

}  // namespace signet
