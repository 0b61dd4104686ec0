// Feeds policies of peers to the import: whatever they say, what it makes loads without issues, and
// each remark has a place in the input and is printable.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/policy/import.hpp"

namespace {

using namespace signet;

void expect(bool holds) {
  if (!holds) std::abort();
}

bool is_printable(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= ' ' && c <= '~') || c == '\n'; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const SourceFile file{"peer.yaml", {reinterpret_cast<const char*>(data), size}};
  const int lines =
      2 + static_cast<int>(std::count_if(file.text.begin(), file.text.end(),
                                         [](char c) { return c == '\n' || c == '\r'; }));
  for (const bool without_logs : {false, true}) {
    const auto imported = import_policies(file, ImportOptions{without_logs});
    if (!imported) {
      expect(is_printable(imported.error().what()) && !imported.error().what().empty());
      continue;
    }
    const SourceFile output{"output.yaml", imported->text};
    const Loaded loaded = load_policies(std::span(&output, 1), {});
    expect(loaded.issues.empty());
    for (const ImportRemark& remark : imported->remarks) {
      expect(remark.issue.line >= 0 && remark.issue.line <= lines);
      expect(is_printable(remark.issue.str()));
    }
  }
  return 0;
}
