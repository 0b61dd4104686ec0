#include "server/kube/events.hpp"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "tests/server/kube/kube_store.hpp"
#include "tests/support/run.hpp"

namespace signet {
namespace {

using std::chrono::seconds;
using testing::kube_refusal;
using testing::KubeStore;

EventNote denied(const std::string& object, const std::string& reason = "ImageVerificationFailed") {
  return EventNote{EventObject{"apps/v1", "ReplicaSet", "shop", object, "u1"}, EventType::warning,
                   reason, "VerifyImage", "image x: no signature"};
}

class EventsTest : public ::testing::Test {
 protected:
  void note(const EventNote& note) { sender_.note(note); }
  void send() { ASSERT_TRUE(testing::run(sender_.run())); }
  double count(const char* result) const { return metrics_.events.value({result}); }
  KubeStore::Object last() const { return KubeStore::Object::parse(store_.bodies.back()); }

  KubeStore store_;
  prometheus::Registry registry_;
  WriterMetrics metrics_{registry_};
  TimePoint date_ = *parse_time("2026-03-01T10:00:00Z");
  seconds elapsed_{1000};
  EventLimits limits_;
  EventSender sender_{store_, EventBook(std::string(200, 'i'), limits_, 7),
                      [this] { return date_ + elapsed_; }, [this] { return Deadline(elapsed_); },
                      metrics_};
};

TEST_F(EventsTest, AnEventHasAllThatTheApiAsksFor) {
  note(denied("web-1"));
  EXPECT_TRUE(store_.lines.empty());  // nobody's request sends it
  send();
  ASSERT_EQ(store_.lines.back(), "POST /apis/events.k8s.io/v1/namespaces/shop/events");
  const auto event = last();
  EXPECT_EQ(event["apiVersion"], "events.k8s.io/v1");
  EXPECT_EQ(event["kind"], "Event");
  const std::string name = event["metadata"]["name"];
  EXPECT_EQ(name.substr(0, 6), "web-1.");
  EXPECT_EQ(name.size(), 6u + 16);
  EXPECT_EQ(name.find_first_not_of("0123456789abcdef", 6), std::string::npos);
  EXPECT_EQ(event["metadata"]["namespace"], "shop");
  EXPECT_EQ(event["eventTime"], "2026-03-01T10:16:40.000000Z");
  EXPECT_EQ(event["reportingController"], "signet.dev/signet");
  EXPECT_EQ(event["reportingInstance"], std::string(128, 'i'));
  EXPECT_EQ(event["action"], "VerifyImage");
  EXPECT_EQ(event["reason"], "ImageVerificationFailed");
  EXPECT_EQ(event["type"], "Warning");
  EXPECT_EQ(event["note"], "image x: no signature");
  EXPECT_EQ(event["regarding"], (KubeStore::Object{{"apiVersion", "apps/v1"},
                                                   {"kind", "ReplicaSet"},
                                                   {"namespace", "shop"},
                                                   {"name", "web-1"},
                                                   {"uid", "u1"}}));
  EXPECT_FALSE(event.contains("series"));
  EXPECT_EQ(count("sent"), 1);
}

TEST_F(EventsTest, WhatIsOfTheClusterIsToldInTheDefaultNamespace) {
  EventNote of_policy = denied("teams", "PolicyInvalid");
  of_policy.regarding = EventObject{"signet.dev/v1alpha1", "ClusterTrustPolicy", "", "teams"};
  note(of_policy);
  send();
  EXPECT_EQ(store_.lines.back(), "POST /apis/events.k8s.io/v1/namespaces/default/events");
  EXPECT_FALSE(last()["regarding"].contains("namespace"));
}

TEST_F(EventsTest, ALongNameAndALongNoteAreCut) {
  EventNote longer = denied(std::string(253, 'n'));
  longer.note = std::string(1025, 'x');
  note(longer);
  send();
  EXPECT_EQ(last()["metadata"]["name"].get<std::string>().size(), 253u);
  EXPECT_EQ(last()["note"].get<std::string>().size(), 1024u);
}

// K-G07
TEST_F(EventsTest, ARepetitionBecomesASeriesThatIsWrittenEveryThirtySeconds) {
  note(denied("web-1"));
  send();
  const std::string name = last()["metadata"]["name"];
  for (int i = 0; i < 29; ++i, elapsed_ += seconds(1)) {
    note(denied("web-1"));
    send();
  }
  EXPECT_EQ(store_.lines.size(), 1u);
  elapsed_ += seconds(1);
  send();
  ASSERT_EQ(store_.lines.size(), 2u);
  EXPECT_EQ(store_.lines.back(), "PATCH /apis/events.k8s.io/v1/namespaces/shop/events/" + name);
  EXPECT_EQ(
      last()["series"],
      (KubeStore::Object{{"count", 30}, {"lastObservedTime", "2026-03-01T10:17:08.000000Z"}}));
  EXPECT_EQ(count("merged"), 29);
  elapsed_ += seconds(60);
  send();
  EXPECT_EQ(store_.lines.size(), 2u);  // nothing new happened
}

TEST_F(EventsTest, ARepetitionAfterSixMinutesIsAnotherEvent) {
  note(denied("web-1"));
  send();
  elapsed_ += seconds(359);
  note(denied("web-1"));
  send();
  EXPECT_EQ(store_.count("POST "), 1u);
  elapsed_ += seconds(360);
  note(denied("web-1"));
  send();
  EXPECT_EQ(store_.count("POST "), 2u);
}

TEST_F(EventsTest, AnotherObjectReasonOrTypeIsAnotherEvent) {
  note(denied("web-1"));
  note(denied("web-2"));
  note(denied("web-1", "ImageVerificationError"));
  EventNote normal = denied("web-1");
  normal.type = EventType::normal;
  note(normal);
  send();
  EXPECT_EQ(store_.count("POST "), 4u);
}

TEST_F(EventsTest, AnObjectHasTwentyFiveEventsAndOneMoreEveryFiveMinutes) {
  const auto reason = [](int i) { return "Reason" + std::to_string(i); };
  for (int i = 0; i < 26; ++i)
    note(denied("web-1", reason(i)));
  EXPECT_EQ(count("dropped"), 1);
  note(denied("web-2"));  // another object has its own
  EXPECT_EQ(count("dropped"), 1);
  elapsed_ += seconds(299);
  note(denied("web-1", reason(100)));
  EXPECT_EQ(count("dropped"), 2);
  elapsed_ += seconds(1);
  note(denied("web-1", reason(101)));
  EXPECT_EQ(count("dropped"), 2);
  note(denied("web-1", reason(102)));
  EXPECT_EQ(count("dropped"), 3);
}

TEST_F(EventsTest, AThousandWaitAndTheNextIsDroppedAndCounted) {
  for (int i = 0; i < 1000; ++i)
    note(denied("web-" + std::to_string(i)));
  EXPECT_EQ(count("dropped"), 0);
  note(denied("one-more"));
  EXPECT_EQ(count("dropped"), 1);
  send();
  EXPECT_EQ(count("sent"), 20);
  note(denied("one-more"));
  EXPECT_EQ(count("dropped"), 1);
  for (int i = 0; i < 100; ++i)
    send();
  EXPECT_EQ(count("sent"), 1001);
}

TEST_F(EventsTest, WhatIsForbiddenIsDropped) {
  store_.fault = [](const KubeRequest&) { return kube_refusal(403, "events is forbidden"); };
  note(denied("web-1"));
  send();
  send();
  EXPECT_EQ(store_.lines.size(), 1u);
  EXPECT_EQ(count("dropped"), 1);
  store_.fault = nullptr;
  note(denied("web-1"));  // begins anew
  send();
  EXPECT_EQ(count("sent"), 1);
  EXPECT_TRUE(last().contains("eventTime"));
}

TEST_F(EventsTest, WhatFailsIsTriedThreeTimes) {
  store_.fault = [](const KubeRequest&) { return kube_refusal(500, "etcd"); };
  note(denied("web-1"));
  note(denied("web-2"));
  for (int i = 0; i < 10; ++i, elapsed_ += seconds(10))
    send();
  EXPECT_EQ(store_.lines.size(), 6u);
  EXPECT_EQ(count("failed"), 2);
}

TEST_F(EventsTest, WhatComesWhileAWriteIsUnderWayIsWrittenWithTheNext) {
  store_.after = [this](const KubeRequest& request) {
    if (request.method == "POST") note(denied("web-1"));
  };
  note(denied("web-1"));
  send();
  elapsed_ += seconds(30);
  send();
  EXPECT_EQ(last()["series"]["count"], 2);
}

TEST(EventBookTest, ForgetsWhatCanBeNoSeriesAnyMore) {
  EventBook book("i", EventLimits{}, 7);
  Deadline now(seconds(1000));
  ASSERT_EQ(book.add(denied("web-1"), now, TimePoint()), EventFate::queued);
  const auto write = book.next(now);
  ASSERT_TRUE(write);
  EXPECT_FALSE(book.next(now));  // it is under way
  book.done(write->id, now);
  EXPECT_EQ(book.waiting(), 0u);
  book.trim(now + seconds(359));
  EXPECT_EQ(book.series(), 1u);
  book.trim(now + seconds(360));
  EXPECT_EQ(book.series(), 0u);
}

}  // namespace
}  // namespace signet
