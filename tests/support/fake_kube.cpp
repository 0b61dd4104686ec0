#include "tests/support/fake_kube.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <future>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "core/base/text.hpp"
#include "server/runtime/task.hpp"
#include "tests/server/net/pki.hpp"

namespace signet::testing {
namespace {

using asio::ip::tcp;
using nlohmann::json;
using Stream = asio::ssl::stream<tcp::socket>;

// What a path asks for.
struct Asked {
  std::string method;
  std::string resource;
  std::string ns;
  std::string name;
  bool watches = false;
  long version = 0;
};

std::string query_value(std::string_view query, std::string_view name) {
  for (const std::string_view part : split(query, '&')) {
    if (part.starts_with(cat(name, "="))) return std::string(part.substr(name.size() + 1));
  }
  return "";
}

Asked asked_in(std::string_view line) {
  const auto words = split(line, ' ');
  const std::string_view target = words.at(1);
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view query = mark < target.size() ? target.substr(mark + 1) : "";
  auto parts = split(target.substr(0, mark), '/');
  parts.erase(parts.begin(), parts.begin() + (parts.at(1) == "api" ? 3 : 4));
  Asked asked;
  asked.method = words[0];
  if (parts.size() > 2 && parts[0] == "namespaces") {
    asked.ns = parts[1];
    parts.erase(parts.begin(), parts.begin() + 2);
  }
  asked.resource = parts.at(0);
  if (parts.size() > 1) asked.name = parts[1];
  const std::string selector = query_value(query, "fieldSelector");  // metadata.name%3DNAME
  if (!selector.empty()) asked.name = selector.substr(selector.find("%3D") + 3);
  asked.watches = query_value(query, "watch") == "1";
  asked.version = std::atol(query_value(query, "resourceVersion").c_str());
  if (parts.size() == 1 && asked.method == "GET") asked.method = "LIST";
  return asked;
}

std::string status_text(unsigned code, const std::string& message) {
  return json{{"kind", "Status"}, {"status", "Failure"}, {"code", code}, {"message", message}}
      .dump();
}

std::string reply_text(unsigned code, const std::string& body) {
  return cat("HTTP/1.1 ", std::to_string(code), " Fake\r\nContent-Type: application/json\r\n",
             "Content-Length: ", std::to_string(body.size()), "\r\n\r\n", body);
}

std::string chunk(const std::string& text) {
  char size[20];
  std::snprintf(size, sizeof(size), "%zx", text.size());
  return cat(size, "\r\n", text, "\r\n");
}

struct Event {
  long version = 0;
  std::string type;
  std::string resource;
  json object;
};

}  // namespace

class FakeKube::Engine {
 public:
  explicit Engine(const std::string& names)
      : context_(pki_.server(names)),
        acceptor_(loop_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        port_(acceptor_.local_endpoint().port()) {
    asio::co_spawn(loop_, accept(), [](const std::exception_ptr&) {});
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~Engine() {
    loop_.stop();
    thread_.join();
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  std::uint16_t port() const { return port_; }
  std::string ca_pem() const { return pki_.ca_pem(); }

  void on_loop(const std::function<void()>& act) {
    std::promise<void> done;
    asio::post(loop_, [&] {
      act();
      done.set_value();
    });
    done.get_future().wait();
  }

  void put(const std::string& resource, json object) {
    json& metadata = object["metadata"];
    json& known = objects_[key(resource, metadata.value("namespace", ""), metadata.at("name"))];
    const bool is_new = known.is_null();
    metadata["uid"] =
        is_new ? json(cat("uid-", std::to_string(++uids_))) : known["metadata"]["uid"];
    const int before = is_new ? 0 : known["metadata"].value("generation", 0);
    metadata["generation"] = before + 1;
    metadata["resourceVersion"] = std::to_string(++version_);
    known = object;
    tell(is_new ? "ADDED" : "MODIFIED", resource, object);
  }
  void tell_stale(const std::string& resource, json object, int generation) {
    json& metadata = object["metadata"];
    metadata["uid"] = objects_.at(
        key(resource, metadata.value("namespace", ""), metadata.at("name")))["metadata"]["uid"];
    metadata["generation"] = generation;
    metadata["resourceVersion"] = std::to_string(++version_);
    tell("MODIFIED", resource, object);
  }
  void remove(const std::string& resource, const std::string& ns, const std::string& name) {
    const auto found = objects_.find(key(resource, ns, name));
    json object = found->second;
    objects_.erase(found);
    object["metadata"]["resourceVersion"] = std::to_string(++version_);
    tell("DELETED", resource, object);
  }
  void be(KubeMood mood) {
    mood_ = mood;
    if (mood != KubeMood::honest) cut();
  }
  void cut_after(int span) {
    cut_after_ = span;
    cut();
  }
  void expire() {
    oldest_ = ++version_;
    wake();
  }
  void forget(const std::string& resource, bool unknown) {
    unknown_.erase(resource);
    if (unknown) unknown_.insert(resource);
    cut();
  }

  std::string token = "good";
  std::vector<std::string> lines;

 private:
  static std::string key(const std::string& resource, const std::string& ns,
                         const std::string& name) {
    return cat(resource, "/", ns, "/", name);
  }

  void tell(const std::string& type, const std::string& resource, const json& object) {
    events_.push_back({version_, type, resource, object});
    wake();
  }
  void wake() {
    for (asio::steady_timer* timer : waiting_)
      timer->cancel();
  }
  void cut() { ++cuts_, wake(); }

  Task<void> accept() {
    while (true) {
      auto [failure, socket] = co_await acceptor_.async_accept(signet::kToken);
      if (failure) co_return;
      asio::co_spawn(loop_, serve(std::move(socket)), [](const std::exception_ptr&) {});
    }
  }

  Task<void> serve(tcp::socket socket) {
    Stream stream(std::move(socket), *context_);
    if (mood_ == KubeMood::away) co_return;
    const auto [failure] =
        co_await stream.async_handshake(asio::ssl::stream_base::server, signet::kToken);
    if (failure) co_return;
    std::string received;
    bool goes_on = true;
    while (goes_on) {
      const auto [ended, size] = co_await asio::async_read_until(
          stream, asio::dynamic_buffer(received), "\r\n\r\n", signet::kToken);
      if (ended) co_return;
      const std::string head = received.substr(0, size);
      received.erase(0, size);
      const std::size_t length = body_length(head);
      while (received.size() < length) {
        std::string piece(length - received.size(), '\0');
        const auto [broken, got] =
            co_await stream.async_read_some(asio::buffer(piece), signet::kToken);
        if (broken) co_return;
        received.append(piece, 0, got);
      }
      received.erase(0, length);
      goes_on = co_await answer(&stream, head);
    }
  }

  static std::size_t body_length(const std::string& head) {
    const std::size_t at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
  }

  bool is_known(const std::string& head) const {
    return head.find(cat("Authorization: Bearer ", token, "\r\n")) != std::string::npos;
  }

  unsigned refusal_of(const std::string& head) const {
    if (!is_known(head)) return 401;
    return mood_ == KubeMood::refusing ? 503 : 0;
  }

  Task<bool> answer(Stream* stream, std::string head) {
    const std::string line = head.substr(0, head.find(" HTTP/1.1"));
    lines.push_back(line);
    if (mood_ == KubeMood::away) co_return false;
    const Asked asked = asked_in(line);
    const unsigned refused = refusal_of(head);
    if (asked.watches && refused == 0 && !unknown_.contains(asked.resource)) {
      co_await watch(stream, asked);
      co_return false;
    }
    std::string reply = reply_text(refused, status_text(refused, "no"));
    if (refused == 0) reply = reply_to(asked);
    const auto [failure, size] =
        co_await asio::async_write(*stream, asio::buffer(reply), signet::kToken);
    co_return !failure;
  }

  std::string reply_to(const Asked& asked) {
    if (unknown_.contains(asked.resource)) {
      return reply_text(404, status_text(404, "the server could not find the requested resource"));
    }
    if (asked.method == "LIST") return reply_text(200, list(asked));
    if (asked.method != "GET") return reply_text(asked.method == "POST" ? 201 : 200, "{}");
    const auto found = objects_.find(key(asked.resource, asked.ns, asked.name));
    if (found == objects_.end()) return reply_text(404, status_text(404, "not found"));
    return reply_text(200, found->second.dump());
  }

  static bool concerns(const Asked& asked, const json& object) {
    const json& metadata = object.at("metadata");
    return (asked.ns.empty() || metadata.value("namespace", "") == asked.ns) &&
           (asked.name.empty() || metadata.value("name", "") == asked.name);
  }

  std::string list(const Asked& asked) const {
    json items = json::array();
    for (const auto& [name, object] : objects_) {
      if (name.starts_with(asked.resource + "/") && concerns(asked, object))
        items.push_back(object);
    }
    return json{{"kind", "List"},
                {"metadata", {{"resourceVersion", std::to_string(version_)}}},
                {"items", items}}
        .dump();
  }

  // The lines for a watch behind `*at`, which moves on.
  std::string lines_for(const Asked& asked, long* at) const {
    std::string text;
    if (mood_ == KubeMood::garbled) {
      return "no json\n{\"type\":\"ODD\",\"object\":{\"metadata\":{\"name\":\"x\"}}}\n"
             "{\"type\":\"ADDED\",\"object\":{\"spec\":{}}}\n";
    }
    for (const Event& event : events_) {
      if (event.version <= *at || event.resource != asked.resource) continue;
      *at = event.version;
      if (!concerns(asked, event.object)) continue;
      text += json{{"type", event.type}, {"object", event.object}}.dump() + "\n";
    }
    return text;
  }

  Task<void> watch(Stream* stream, Asked asked) {
    std::string out = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const int cuts = cuts_;
    const Deadline end =
        deadline_in(std::chrono::milliseconds(cut_after_ > 0 ? cut_after_ : 600'000));
    long at = asked.version;
    asio::steady_timer timer(loop_);
    while (true) {
      const bool gone = asked.version < oldest_;
      const std::string lines_now =
          gone ? json{{"type", "ERROR"}, {"object", json::parse(status_text(410, "too old"))}}
                         .dump() +
                     "\n"
               : lines_for(asked, &at);
      if (!lines_now.empty()) out += chunk(lines_now);
      const bool over = gone || cuts != cuts_ || std::chrono::steady_clock::now() >= end;
      if (over) out += "0\r\n\r\n";
      if (!out.empty()) {
        const auto [failure, size] =
            co_await asio::async_write(*stream, asio::buffer(out), signet::kToken);
        if (failure) co_return;
        out.clear();
      }
      if (over) co_return;
      timer.expires_at(mood_ == KubeMood::garbled ? deadline_in(std::chrono::seconds(1)) : end);
      waiting_.insert(&timer);
      co_await timer.async_wait(signet::kToken);
      waiting_.erase(&timer);
    }
  }

  ServerPki pki_;
  TlsContext context_;
  asio::io_context loop_;
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::map<std::string, json> objects_;
  std::vector<Event> events_;
  long version_ = 100;
  long oldest_ = 0;
  int uids_ = 0;
  int cuts_ = 0;
  int cut_after_ = 0;
  KubeMood mood_ = KubeMood::honest;
  std::set<std::string> unknown_;
  std::set<asio::steady_timer*> waiting_;
  std::thread thread_;
};

FakeKube::FakeKube(const std::string& names) : engine_(std::make_unique<Engine>(names)) {}
FakeKube::~FakeKube() = default;

std::uint16_t FakeKube::port() const {
  return engine_->port();
}
std::string FakeKube::ca_pem() const {
  return engine_->ca_pem();
}

std::string FakeKube::write_kubeconfig(const std::string& directory) const {
  const std::string file = directory + "/kubeconfig";
  std::ofstream(directory + "/ca.pem") << ca_pem();
  std::ofstream(file)
      << "current-context: c\n"
         "contexts: [{name: c, context: {cluster: c, user: u, namespace: signet}}]\n"
         "clusters:\n- name: c\n  cluster: {server: 'https://127.0.0.1:"
      << port()
      << "', certificate-authority: ca.pem}\n"
         "users: [{name: u, user: {token: good}}]\n";
  return file;
}

void FakeKube::put(const std::string& resource, const std::string& object) {
  engine_->on_loop([&] { engine_->put(resource, json::parse(object)); });
}
void FakeKube::tell_stale(const std::string& resource, const std::string& object, int generation) {
  engine_->on_loop([&] { engine_->tell_stale(resource, json::parse(object), generation); });
}
void FakeKube::remove(const std::string& resource, const std::string& ns, const std::string& name) {
  engine_->on_loop([&] { engine_->remove(resource, ns, name); });
}
void FakeKube::be(KubeMood mood) {
  engine_->on_loop([&] { engine_->be(mood); });
}
void FakeKube::cut_watches_after(int milliseconds) {
  engine_->on_loop([&] { engine_->cut_after(milliseconds); });
}
void FakeKube::expire() {
  engine_->on_loop([&] { engine_->expire(); });
}
void FakeKube::forget(const std::string& resource, bool unknown) {
  engine_->on_loop([&] { engine_->forget(resource, unknown); });
}
void FakeKube::allow_token(const std::string& token) {
  engine_->on_loop([&] { engine_->token = token; });
}

std::vector<std::string> FakeKube::asked() const {
  std::vector<std::string> lines;
  engine_->on_loop([&] { lines = engine_->lines; });
  return lines;
}

}  // namespace signet::testing
