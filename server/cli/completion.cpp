#include "server/cli/completion.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "server/cli/help.hpp"

namespace signet {
namespace {

// What may stand behind a flag, or as an argument; the type's name in --help says it.
enum class Taken { nothing, words, files, directories, anything };

struct Value {
  Taken taken = Taken::nothing;
  std::string type;
  std::string words;  // of Taken::words, with blanks between them
};

bool is_placeholder(std::string_view part) {
  return part == "-" || (std::any_of(part.begin(), part.end(), is_upper) &&
                         std::none_of(part.begin(), part.end(), is_lower));
}

// "text|json" are words; "FILE|-" is a file.
Value value_of(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return {};
  const std::string type = option.get_type_name();
  std::vector<std::string> words;
  Taken taken = Taken::anything;
  for (const std::string_view part : split(type, '|')) {
    if (type.find('|') != std::string::npos && !is_placeholder(part)) words.emplace_back(part);
    if (part == "FILE" || part == "PATH") taken = Taken::files;
    if (part == "DIR") taken = Taken::directories;
  }
  return {words.empty() ? taken : Taken::words, type, join(words, " ")};
}

std::vector<std::string> names_of(const CLI::Option& flag) {
  std::vector<std::string> names;
  for (const std::string& name : flag.get_snames())
    names.push_back("-" + name);
  for (const std::string& name : flag.get_lnames())
    names.push_back("--" + name);
  return names;
}

std::vector<const CLI::Option*> flags_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->nonpositional(); });
}

// A command and all below it, the groups before what is in them.
void collect(const CLI::App& command, std::vector<const CLI::App*>& all) {
  all.push_back(&command);
  for (const CLI::App* const below : commands_below(command))
    collect(*below, all);
}

std::vector<const CLI::App*> all_of(const CLI::App& program) {
  std::vector<const CLI::App*> all;
  collect(program, all);
  return all;
}

// ---- bash

std::string bash_action(const Value& value) {
  switch (value.taken) {
    case Taken::words:
      return cat("_signet_words \"", value.words, "\"");
    case Taken::files:
      return "_signet_paths -f";
    case Taken::directories:
      return "_signet_paths -d";
    case Taken::nothing:
    case Taken::anything:
      return ":";
  }
  return ":";
}

// What follows a flag of this command that takes a value.
std::string bash_values(const CLI::App& command) {
  std::string cases;
  for (const CLI::Option* const flag : flags_of(command)) {
    const Value value = value_of(*flag);
    if (value.taken == Taken::nothing) continue;
    std::vector<std::string> patterns;
    for (const std::string& name : names_of(*flag))
      patterns.push_back(cat("\"", full_name(command), " ", name, "\""));
    cases += cat("    ", join(patterns, "|"), ") ", bash_action(value), "; return ;;\n");
  }
  return cases;
}

// What may stand there otherwise.
std::string bash_words(const CLI::App& command) {
  std::vector<std::string> flags;
  for (const CLI::Option* const flag : flags_of(command)) {
    for (const std::string& name : names_of(*flag))
      flags.push_back(name);
  }
  std::string otherwise = cat("_signet_words \"", join(names_below(command), " "), "\"");
  for (const CLI::Option* const argument : arguments_of(command))
    otherwise = bash_action(value_of(*argument));
  return cat("    \"", full_name(command), "\")\n      case $cur in\n        -*) _signet_words \"",
             join(flags, " "), "\" ;;\n        *) ", otherwise, " ;;\n      esac ;;\n");
}

constexpr std::string_view kBashHead = R"(# bash completion for signet
_signet_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }

_signet_paths() {
  local IFS=$'\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$cur"))
}

_signet() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=signet i
  COMPREPLY=()
  if [[ $cur == "=" ]]; then
    cur=
  elif [[ $prev == "=" ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command ${COMP_WORDS[i]}" in
)";

}  // namespace

std::string bash_completion(const CLI::App& program) {
  std::vector<std::string> known;
  std::string values;
  std::string words;
  for (const CLI::App* const command : all_of(program)) {
    if (command != &program) known.push_back(cat("\"", full_name(*command), "\""));
    values += bash_values(*command);
    words += bash_words(*command);
  }
  return cat(kBashHead, "      ", join(known, "|"),
             ") command=\"$command ${COMP_WORDS[i]}\" ;;\n    esac\n  done\n"
             "  case \"$command $prev\" in\n",
             values, "  esac\n  case $command in\n", words,
             "  esac\n}\n\ncomplete -F _signet signet\n");
}

// ---- zsh

namespace {

// Inside single quotes, inside the brackets of a specification of _arguments.
std::string zsh_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\'') {
      safe += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') safe.push_back('\\');
    safe.push_back(c);
  }
  return safe;
}

// An empty list where anything may stand: a message in its place would keep flags from completing.
std::string zsh_action(const Value& value) {
  switch (value.taken) {
    case Taken::words:
      return cat("(", value.words, ")");
    case Taken::files:
      return "_files";
    case Taken::directories:
      return "_files -/";
    case Taken::nothing:
    case Taken::anything:
      return "()";
  }
  return "()";
}

std::string zsh_flag(const CLI::Option& flag) {
  const Value value = value_of(flag);
  const bool takes = value.taken != Taken::nothing;
  const std::string behind =
      takes ? cat(":", zsh_text(value.type), ":", zsh_action(value)) : std::string();
  const bool many = flag.get_items_expected_max() > 1;
  std::string lines;
  for (const std::string& name : names_of(flag)) {
    const std::string form = !takes ? "" : name.starts_with("--") ? "=" : "+";
    lines += cat(" \\\n    '", many ? "*" : "", name, form, "[", zsh_text(flag.get_description()),
                 "]", behind, "'");
  }
  return lines;
}

std::string zsh_function(const CLI::App& command) {
  std::string name = full_name(command);
  std::replace(name.begin(), name.end(), ' ', '_');
  return "_" + name;
}

// A group completes the name of a command, and leaves the rest to that command's function.
std::string zsh_group(const CLI::App& group) {
  std::string names;
  std::string rest;
  for (const CLI::App* const command : commands_below(group)) {
    names +=
        cat(" \\\n        '", zsh_text(command->get_name()), ":", zsh_text(summary(*command)), "'");
    rest += cat("        ", command->get_name(), ") ", zsh_function(*command), " ;;\n");
  }
  return cat(
      " \\\n    '1: :->command' '*:: :->rest'\n  case $state in\n    command)\n"
      "      commands=(",
      names, ")\n      _describe command commands ;;\n    rest)\n      case $words[1] in\n", rest,
      "      esac ;;\n  esac\n");
}

std::string zsh_arguments(const CLI::App& command) {
  std::string lines;
  for (const CLI::Option* const argument : arguments_of(command)) {
    const bool many = argument->get_items_expected_max() > 1;
    lines += cat(" \\\n    '", many ? "*" : "", ":", zsh_text(argument->get_name()), ":",
                 zsh_action(value_of(*argument)), "'");
  }
  return lines + "\n";
}

}  // namespace

std::string zsh_completion(const CLI::App& program) {
  std::string script = "#compdef signet\n# zsh completion for signet\n";
  for (const CLI::App* const command : all_of(program)) {
    script += cat("\n", zsh_function(*command),
                  "() {\n  local state line\n  local -a commands\n  typeset -A opt_args\n"
                  "  _arguments -C");
    for (const CLI::Option* const flag : flags_of(*command))
      script += zsh_flag(*flag);
    script += commands_below(*command).empty() ? zsh_arguments(*command) : zsh_group(*command);
    script += "}\n";
  }
  return script +
         "\nif [[ $funcstack[1] == _signet ]]; then\n  _signet \"$@\"\nelse\n"
         "  compdef _signet signet\nfi\n";
}

}  // namespace signet
