#include "server/cli/help.hpp"

#include "core/base/text.hpp"
#include "core/base/wrap.hpp"
#include "server/cli/flags.hpp"

namespace signet {
namespace {

constexpr std::size_t kPageWidth = 80;
constexpr std::size_t kSecondColumn = 28;

std::string indented(std::size_t indent, std::string_view text) {
  std::string block;
  for (const std::string& line : wrapped(text, kPageWidth - indent))
    block += cat(std::string(line.empty() ? 0 : indent, ' '), line, "\n");
  return block;
}

// A name, and what it is, beside or below it.
std::string entry(const std::string& name, const std::string& about) {
  std::string text = cat("  ", name);
  std::string margin = "\n";
  if (text.size() + 2 <= kSecondColumn) margin = std::string(kSecondColumn - text.size(), ' ');
  for (const std::string& line : wrapped(about, kPageWidth - kSecondColumn)) {
    if (margin.starts_with('\n')) margin = cat("\n", std::string(kSecondColumn, ' '));
    text += margin + line;
    margin = "\n";
  }
  return text + "\n";
}

std::string type_of(const CLI::Option& option) {
  return option.get_items_expected_max() == 0 ? "" : cat(" ", option.get_type_name());
}

std::string flag_names(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames())
    names.push_back("-" + name);
  for (const std::string& name : option.get_lnames())
    names.push_back("--" + name);
  return join(names, ", ") + type_of(option);
}

std::string argument_name(const CLI::Option& option) {
  const bool many = option.get_items_expected_max() > 1;
  const std::string name = cat(option.get_name(), many ? "..." : "");
  return option.get_required() ? name : cat("[", name, "]");
}

std::string arguments(const CLI::App& command) {
  std::string text;
  for (const CLI::Option* const option : arguments_of(command)) {
    const std::string type = option->get_type_name();
    const std::string words = type.find('|') == std::string::npos ? "" : cat(": ", type);
    text += entry(option->get_name(), option->get_description() + words);
  }
  return text.empty() ? "" : cat("\nArguments:\n", text);
}

std::string flags(const CLI::App& command) {
  std::string text;
  for (const std::string& group : command.get_groups()) {
    const auto options = command.get_options([&](const CLI::Option* option) {
      return option->get_group() == group && option->nonpositional();
    });
    if (group.empty() || options.empty()) continue;
    text += cat("\n", group == "Options" ? "Flags" : group, ":\n");
    for (const CLI::Option* const option : options)
      text += entry(flag_names(*option), option->get_description());
  }
  return text;
}

std::string commands(const CLI::App& group) {
  std::string text;
  for (const CLI::App* const command : commands_below(group))
    text += entry(command->get_name(), summary(*command));
  return text.empty() ? "" : cat("\nCommands:\n", text);
}

class ManPages final : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* command, std::string /*name*/,
                        CLI::AppFormatMode /*mode*/) const override {
    const std::string& all = command->get_description();
    const std::size_t end = all.find('\n');
    const std::string more = end == std::string::npos ? "" : all.substr(end + 1);
    return cat(indented(0, cat(full_name(*command), ": ", summary(*command))), "\nUsage:\n",
               indented(2, synopsis(*command)), more.empty() ? "" : cat("\n", indented(0, more)),
               commands(*command), arguments(*command), flags(*command), command->get_footer());
  }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> man_pages() {
  return std::make_shared<ManPages>();
}

std::string full_name(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  return parent ? cat(full_name(*parent), " ", command.get_name()) : command.get_name();
}

std::vector<const CLI::App*> commands_below(const CLI::App& group) {
  return group.get_subcommands(
      [](const CLI::App* command) { return !command->get_name().empty(); });
}

std::vector<std::string> names_below(const CLI::App& group) {
  std::vector<std::string> names;
  for (const CLI::App* const command : commands_below(group))
    names.push_back(command->get_name());
  return names;
}

std::vector<const CLI::Option*> arguments_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::string synopsis(const CLI::App& command) {
  std::string text = full_name(command);
  if (!commands_below(command).empty()) return text + " COMMAND";
  text += " [FLAGS]";
  for (const CLI::Option* const option : arguments_of(command))
    text += cat(" ", argument_name(*option));
  return text;
}

std::string summary(const CLI::App& command) {
  const std::string& all = command.get_description();
  return all.substr(0, all.find('\n'));
}

void set_manual(CLI::App& command, const Manual& manual) {
  command.description(cat(summary(command), "\n", manual.description));
  std::string text = "\nExit codes:\n";
  for (const auto& [code, meaning] : manual.exits)
    text += entry(code, meaning);
  text += entry("64", "the command line, or a file that it names, is wrong");
  text += entry("74", "standard output could not be written");
  text += "\nExamples:\n";
  for (const auto& [purpose, line] : manual.examples)
    text += cat("  # ", purpose, "\n  ", line, "\n");
  command.footer(text);
}

}  // namespace signet
