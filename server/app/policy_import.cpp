#include "server/app/policy_import.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/import.hpp"
#include "server/app/command_tools.hpp"
#include "server/runtime/files.hpp"

namespace signet {
namespace {

// One byte more than may be there, so that too much is seen.
Result<Blob> read_input(const std::string& path) {
  if (path != "-") return read_file(path, kPolicyFileBytes);
  Blob text(kPolicyFileBytes + 1, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  if (text.empty()) return malformed("stdin is empty");
  return text;
}

// The whole file or none of it.
bool write_whole(const std::string& path, const std::string& text) {
  const std::string half = path + ".part";
  std::ofstream file(half, std::ios::binary | std::ios::trunc);
  file << text << std::flush;
  std::error_code failure;
  if (file) std::filesystem::rename(half, path, failure);
  if (file && !failure) return true;
  std::filesystem::remove(half, failure);
  return false;
}

void print_remarks(const Imported& imported, std::ostream& err) {
  std::size_t losses = 0;
  for (const ImportRemark& remark : imported.remarks) {
    losses += remark.loss ? 1 : 0;
    err << (remark.loss ? "" : "note: ") << remark.issue.str() << '\n';
  }
  if (losses == 0) return;
  err << "signet policy import: " << losses << (losses == 1 ? " thing was" : " things were")
      << " not carried over; the comments in the output stand where\n";
}

}  // namespace

int run(PolicyImportCommand command, Output output) {
  const std::string name = command.input == "-" ? "stdin" : command.input;
  auto text = read_input(command.input);
  if (!text) return usage_error(output, "policy import", text.error().what());
  const ImportOptions options{command.without_logs};
  const auto imported = import_policies(SourceFile{name, std::move(*text)}, options);
  if (!imported) return usage_error(output, "policy import", imported.error().what());
  if (command.output.empty()) {
    output.out << imported->text << std::flush;
  } else if (!write_whole(command.output, imported->text)) {
    return usage_error(output, "policy import", cat(command.output, ": cannot be written"));
  }
  print_remarks(*imported, output.err);
  return imported->complete() ? 0 : 1;
}

}  // namespace signet
