// `# signet-lint: ignore RULE because REASON`, behind a line or in the lines before it.

#include <algorithm>

#include "core/base/text.hpp"
#include "core/policy/lint_parts.hpp"

namespace signet {
namespace {

constexpr std::string_view kMark = "# signet-lint:";

struct Suppression {
  std::string file;
  int line = 0;    // of the comment
  int column = 0;  // of the comment
  int target = 0;  // the line that it is about
  std::vector<std::string> rules;
  bool used = false;
};

class CommentReader {
 public:
  CommentReader(const SourceFile& file, std::vector<Suppression>& found, LintNotes& notes)
      : file_(file), found_(found), notes_(notes) {}

  void read() {
    const std::vector<std::string_view> lines = split(file_.text, '\n');
    std::size_t waiting = found_.size();  // from here on, those that wait for their line
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const int number = static_cast<int>(i) + 1;
      const std::string_view text = trim(lines[i]);
      const bool about_next = text.empty() || text.starts_with('#');
      take_comment(lines[i], number);
      if (about_next) continue;
      for (; waiting < found_.size(); ++waiting)
        found_[waiting].target = number;
    }
  }

 private:
  void take_comment(std::string_view line, int number) {
    const std::size_t at = line.find(kMark);
    if (at == std::string_view::npos) return;
    if (at > 0 && line[at - 1] != ' ' && line[at - 1] != '\t') return;
    Suppression made{file_.path, number, static_cast<int>(at) + 1, number, {}, false};
    const std::string wrong = parse(trim(line.substr(at + kMark.size())), made.rules);
    if (!wrong.empty()) {
      refuse(made, wrong);
    } else {
      found_.push_back(std::move(made));
    }
  }

  // What is wrong with it, if anything.
  static std::string parse(std::string_view text, std::vector<std::string>& rules) {
    constexpr std::string_view kIgnore = "ignore ";
    if (!text.starts_with(kIgnore)) return "it does not say `ignore`";
    text.remove_prefix(kIgnore.size());
    const std::size_t because = text.find(" because ");
    if (because == std::string_view::npos) return "it gives no reason";
    for (const std::string_view part : split(text.substr(0, because), ',')) {
      const std::string rule(trim(part));
      const LintRule* const known = find_lint_rule(rule);
      if (!known) return cat("there is no rule ", quoted(rule, 60));
      if (known->severity == LintSeverity::error) return cat(rule, " is an error");
      rules.push_back(rule);
    }
    return "";
  }

  void refuse(const Suppression& made, const std::string& wrong) {
    const LintRule* const rule = find_lint_rule("bad-suppression");
    notes_.add({rule, made.file, made.line, made.column, "",
                cat("the comment suppresses nothing, for ", wrong), std::string(rule->instead)});
  }

  const SourceFile& file_;
  std::vector<Suppression>& found_;
  LintNotes& notes_;
};

bool suppresses(const Suppression& comment, const LintFinding& finding) {
  return comment.file == finding.file && comment.target == finding.line &&
         std::find(comment.rules.begin(), comment.rules.end(), finding.rule->id) !=
             comment.rules.end();
}

}  // namespace

std::vector<LintFinding> without_suppressed(std::vector<LintFinding> findings,
                                            std::span<const SourceFile> files) {
  std::vector<Suppression> comments;
  LintNotes kept;
  for (const SourceFile& file : files) {
    if (file.text.find(kMark) != std::string::npos) CommentReader(file, comments, kept).read();
  }
  for (LintFinding& finding : findings) {
    bool dropped = false;
    for (Suppression& comment : comments) {
      if (!suppresses(comment, finding)) continue;
      comment.used = true;
      dropped = true;
    }
    if (!dropped) kept.add(std::move(finding));
  }
  for (const Suppression& comment : comments) {
    if (comment.used) continue;
    const LintRule* const rule = find_lint_rule("unused-suppression");
    kept.add({rule, comment.file, comment.line, comment.column, "",
              cat("nothing here is found by ", join(comment.rules, ", ")),
              std::string(rule->instead)});
  }
  return kept.take();
}

}  // namespace signet
