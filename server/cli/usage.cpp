#include "server/cli/usage.hpp"

#include <algorithm>

#include "core/base/nearest.hpp"
#include "core/base/text.hpp"
#include "server/cli/help.hpp"

namespace signet {
namespace {

constexpr std::size_t kWordBytes = 64;

std::string sentence(const CLI::App& command, const std::string& what) {
  return cat(full_name(command), ": ", what, "\n");
}

std::string look_up(const CLI::App& command) {
  return cat("see `", full_name(command), " --help`");
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const std::vector<std::string_view> words(known.begin(), known.end());
  const std::string_view meant = nearest(word, words);
  return meant.empty() ? std::string() : cat("did you mean ", meant, "?");
}

std::string no_such_command(const CLI::App& group, const std::string& word) {
  const std::vector<std::string> names = names_below(group);
  const std::string meant = did_you_mean(word, names);
  return sentence(group, cat("there is no command ", signet::quoted(word, kWordBytes), "; ",
                             meant.empty() ? cat("there are: ", join(names, ", ")) : meant));
}

std::string no_such_flag(const CLI::App& command, const std::string& word) {
  const std::string flag = word.substr(0, word.find('='));
  std::vector<std::string> known;
  for (const CLI::Option* const option : command.get_options()) {
    for (const std::string& name : option->get_lnames())
      known.push_back("--" + name);
  }
  std::string cure = did_you_mean(flag, known);
  if (cure.empty()) {
    cure = commands_below(command).empty() ? look_up(command)
                                           : "flags stand behind the command that they are for";
  }
  return sentence(command, cat("there is no flag ", printable(flag, kWordBytes), "; ", cure));
}

// The commands on the way to the one that the parser had reached.
std::vector<const CLI::App*> way_in(const CLI::App& program) {
  std::vector<const CLI::App*> way = {&program};
  while (!way.back()->get_subcommands().empty())
    way.push_back(way.back()->get_subcommands().back());
  return way;
}

const CLI::Option* option_named(const CLI::App& command, const std::string& name) {
  const auto options =
      command.get_options([&](const CLI::Option* option) { return option->get_name() == name; });
  return options.empty() ? nullptr : options.front();
}

std::string missing(const CLI::App& command) {
  if (!commands_below(command).empty()) {
    return cat("say which command; there are: ", join(names_below(command), ", "));
  }
  for (const CLI::Option* const option : command.get_options()) {
    if (!option->get_required() || option->count() > 0) continue;
    return cat(option->get_name(), " is missing; usage: ", synopsis(command));
  }
  return cat("something is missing; ", look_up(command));
}

// "--policy: 1 required PATH missing", or the same flag once too often.
std::string mismatch(const CLI::App& command, const std::string& what) {
  const std::string name = what.substr(0, what.find(':'));
  const CLI::Option* const option = option_named(command, name);
  if (!option) return cat(printable(what), "; ", look_up(command));
  if (option->get_items_expected_max() == 0) return cat(name, " takes no value");
  if (option->count() > 1) return cat(name, " is given more than once; give it once");
  return cat(name, " needs a value: ", name, " ", option->get_type_name());
}

}  // namespace

std::string unknown_command(const CLI::App& program, const std::vector<std::string>& words) {
  const CLI::App* group = &program;
  for (const std::string& word : words) {
    const auto below = commands_below(*group);
    if (below.empty() || word.starts_with('-')) return "";
    const auto next = std::find_if(below.begin(), below.end(), [&](const CLI::App* command) {
      return command->get_name() == word;
    });
    if (next == below.end()) return no_such_command(*group, word);
    group = *next;
  }
  return "";
}

std::string usage_fault(const CLI::App& program, const CLI::ParseError& stop) {
  const auto way = way_in(program);
  const CLI::App& command = *way.back();
  for (const CLI::App* const one : way) {
    for (const std::string& word : one->remaining()) {
      if (word.size() > 1 && word.starts_with('-')) return no_such_flag(*one, word);
    }
  }
  const std::vector<std::string> left = command.remaining();
  if (dynamic_cast<const CLI::ExtrasError*>(&stop) != nullptr && !left.empty()) {
    return sentence(command, cat(signet::quoted(left.front(), kWordBytes),
                                 " is one word too many; usage: ", synopsis(command)));
  }
  if (dynamic_cast<const CLI::RequiredError*>(&stop) != nullptr) {
    return sentence(command, missing(command));
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&stop) != nullptr) {
    return sentence(command, mismatch(command, stop.what()));
  }
  return sentence(command, printable(stop.what(), 512));
}

}  // namespace signet
