#include "server/runtime/metrics_format.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "server/runtime/metrics.hpp"
#include "tests/support/temporary_directory.hpp"

namespace signet {
namespace {

using Kind = MetricsFormat::Kind;

TEST(MetricsFormatTest, IsWhatTheScraperWantsMost) {
  struct Row {
    std::string accept;
    Kind kind;
  };
  const std::string open = "application/openmetrics-text";
  const std::vector<Row> rows = {
      {"", Kind::text},
      {"*/*", Kind::text},
      {"text/plain", Kind::text},
      {"text/html", Kind::text},
      {open, Kind::open_metrics},
      {open + ";version=1.0.0", Kind::open_metrics},
      {open + "; version=\"1.0.0\"; charset=utf-8", Kind::open_metrics},
      {"Application/OpenMetrics-Text;VERSION=1.0.0", Kind::open_metrics},
      {open + ";version=0.0.1", Kind::text},
      {open + ";version=2.0.0", Kind::text},
      {open + ";version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3", Kind::open_metrics},
      {open + ";version=1.0.0;q=0.3,text/plain;version=0.0.4;q=0.5", Kind::text},
      {open + ";q=0.5, text/plain;q=0.5", Kind::open_metrics},
      {open + ";q=0, */*", Kind::text},
      {open + ";q=0.2, */*;q=0.1", Kind::open_metrics},
      {open + ";q=0.2, */*;q=0.9", Kind::text},
      {open + ";q=0.2, text/plain;q=0.1, */*;q=0.9", Kind::open_metrics},
      {open + ";q=0.2, text/plain;version=1.0.0, text/*;q=0.1", Kind::open_metrics},
      // What Prometheus 3 sends.
      {open + ";version=1.0.0;escaping=allow-utf-8;q=0.6," + open +
           ";version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
           "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
       Kind::open_metrics}};
  for (const Row& row : rows) {
    EXPECT_EQ(format_for(row.accept).kind, row.kind) << row.accept;
  }
}

TEST(MetricsFormatTest, AMalformedHeaderGetsTheTextFormat) {
  const std::string open = "application/openmetrics-text";
  for (const std::string& accept :
       std::vector<std::string>{open + ";q=1.5", open + ";q=x", open + ";q=", open + ";q=0.1234",
                                open + ";q=-1", open + ";q", open + ";=1", open + ",", "," + open,
                                open + ",nothing", open + ",/x", open + ",x/", open + ",a/b/c",
                                open + ",text plain", open + ";q=1.001", ";q=1," + open}) {
    EXPECT_EQ(format_for(accept), MetricsFormat()) << accept;
  }
}

TEST(MetricsFormatTest, AHeaderOfMoreThan64RangesIsNotRead) {
  std::string accept = "application/openmetrics-text";
  for (int i = 0; i < 63; ++i)
    accept.append(",text/x");
  EXPECT_EQ(format_for(accept).kind, Kind::open_metrics);
  EXPECT_EQ(format_for(accept + ",text/x").kind, Kind::text);
}

TEST(MetricsFormatTest, TellsTheEscapingOnlyToThoseThatAsk) {
  EXPECT_EQ(format_for("application/openmetrics-text;escaping=allow-utf-8").content_type(),
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores");
  EXPECT_EQ(format_for("application/openmetrics-text").content_type(),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_EQ(format_for("text/plain;escaping=allow-utf-8").content_type(),
            "text/plain; version=0.0.4; charset=utf-8");
}

TEST(MetricsFormatTest, OpenMetricsNamesFamiliesWithoutTheSuffixOfTheirType) {
  Metrics metrics(TimePoint{});
  metrics.log_messages.add({"warn"}, 3);
  metrics.event_loop_lag.observe({}, 0.0002);

  const std::string text = metrics.text(Kind::open_metrics);

  for (const std::string_view line :
       {"# TYPE signet_log_messages counter\n", "signet_log_messages_total{level=\"warn\"} 3\n",
        "# TYPE signet_build info\n", "\nsignet_build_info{",
        "# TYPE signet_event_loop_lag_seconds histogram\n",
        "signet_event_loop_lag_seconds_bucket{le=\"0.0001\"} 0\n",
        "signet_event_loop_lag_seconds_bucket{le=\"0.0005\"} 1\n",
        "signet_event_loop_lag_seconds_bucket{le=\"+Inf\"} 1\n",
        "signet_event_loop_lag_seconds_count 1\n",
        "signet_admission_requested_timeout_seconds_bucket{hook=\"mutate_pods\",le=\"1.0\"} 0\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
  EXPECT_EQ(text.find("\n\n"), std::string::npos);
}

// Parsed by the reference implementation; every sample of a family stands together.
class ParsedByPythonTest : public ::testing::TestWithParam<Kind> {};

TEST_P(ParsedByPythonTest, EveryFormatIsWhatItSays) {
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "metrics").string();
  Metrics metrics(TimePoint{});
  metrics.know_registries({"a.example", "quoted\"back\\slash\nline"});
  metrics.requested_timeout.observe({"validate_pods"}, 10);
  std::ofstream(path) << metrics.text(GetParam());

  const std::string parser = GetParam() == Kind::open_metrics ? "openmetrics" : "text";
  const std::string command =
      std::string("/usr/bin/python3 " SIGNET_TESTS "/server/runtime/parse_metrics.py ") + parser +
      " " + path;

  EXPECT_EQ(std::system(command.c_str()), 0);
}

INSTANTIATE_TEST_SUITE_P(Formats, ParsedByPythonTest,
                         ::testing::Values(Kind::text, Kind::open_metrics));

}  // namespace
}  // namespace signet
