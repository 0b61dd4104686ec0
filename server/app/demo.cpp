#include "server/app/demo.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/text.hpp"
#include "server/app/service.hpp"
#include "server/app/wall_clock.hpp"
#include "server/cli/demo_review.hpp"
#include "server/cli/demo_world.hpp"

namespace signet {
namespace {

namespace fs = std::filesystem;

// A directory that goes when the demonstration ends.
class Stage {
 public:
  static Result<std::unique_ptr<Stage>> build() {
    std::error_code failure;
    std::string name = (fs::temp_directory_path(failure) / "signet-demo-XXXXXX").string();
    if (failure || mkdtemp(name.data()) == nullptr) {
      return Error(Reason::internal, cat("cannot make a temporary directory at ", name));
    }
    return std::unique_ptr<Stage>(new Stage(name));
  }
  ~Stage() {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  std::string path(std::string_view name) const { return cat(directory_, "/", name); }
  bool write(std::string_view name, std::string_view content) const {
    std::ofstream file(path(name), std::ios::binary);
    file << content;
    file.flush();
    return file.good();
  }

 private:
  explicit Stage(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
};

// The part of the API server: posts a review, first to be pinned, then to be judged.
class Caller {
 public:
  Caller(HttpsTransport& transport, Url server)
      : transport_(transport), server_(std::move(server)) {}

  Task<Result<DemoAnswer>> create_pod(std::string pod, std::string image) {
    auto mutated = co_await post("/mutate?timeout=5s", demo_review(pod, image));
    if (!mutated) co_return mutated.error();
    const std::string pinned = mutated->pinned.empty() ? image : mutated->pinned;
    auto judged = co_await post("/validate?timeout=10s", demo_review(pod, pinned));
    if (judged) judged->pinned = pinned;
    co_return judged;
  }

 private:
  Task<Result<DemoAnswer>> post(std::string target, std::string body) {
    HttpRequest request("POST", server_);
    request.url.target = std::move(target);
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = std::move(body);
    auto reply =
        co_await transport_.send(std::move(request), deadline_in(std::chrono::seconds(15)));
    if (!reply) co_return reply.error();
    if (reply->status != 200) {
      co_return Error(Reason::internal,
                      cat("HTTP ", std::to_string(reply->status), ": ", reply->body));
    }
    co_return read_demo_answer(reply->body);
  }

  HttpsTransport& transport_;
  Url server_;
};

class Demo {
 public:
  Demo(asio::io_context& loop, const DemoCommand& command, Output output, const DemoWorld& world,
       const Stage& stage, Service& service)
      : loop_(loop),
        command_(command),
        output_(output),
        world_(world),
        stage_(stage),
        service_(service),
        resolver_(loop.get_executor()),
        signals_(loop, SIGINT, SIGTERM) {}

  Task<int> run() {
    const auto listening = service_.open();
    if (!listening) co_return fail(listening.error());
    NetSettings net;
    net.ca_pem = service_.certificate_pem();
    net.addresses.enabled = false;
    auto transport = HttpsTransport::make(loop_.get_executor(), resolver_, net);
    if (!transport) co_return fail(transport.error());
    const Url server =
        *Url::parse(cat("https://127.0.0.1:", std::to_string(listening->admission.port)));
    introduce(server);
    Caller caller(**transport, server);
    int wrong = 0;
    for (const DemoImage& image : world_.images) {
      const std::string pod = image.reference.substr(image.reference.rfind(':') + 1);
      const auto answer = co_await caller.create_pod(pod, image.reference);
      if (!answer) co_return fail(answer.error());
      tell(image, *answer);
      if (answer->allowed != image.admitted) ++wrong;
    }
    (*transport)->close_idle();
    conclude(wrong);
    if (command_.keep) co_await stay(server);
    co_return wrong == 0 ? 0 : 1;
  }

  void end() { signals_.cancel(); }

 private:
  int fail(const Error& error) {
    output_.err << "signet demo: " << error.what() << '\n';
    return 1;
  }

  bool is_text() const { return command_.output == OutputForm::text; }

  void introduce(const Url& server) {
    if (!is_text()) return;
    output_.out
        << "Signet answers AdmissionReviews at " << server.origin() << " (HTTPS).\n"
        << "Policy \"shop\": images of registry.example must be signed by team-a@linuxera.org\n"
        << "under the Root CA of the organisation. Six pods ask to run:\n\n";
  }

  void tell(const DemoImage& image, const DemoAnswer& answer) {
    if (!is_text()) {
      told_.push_back({{"image", image.reference},
                       {"story", image.story},
                       {"allowed", answer.allowed},
                       {"expected", image.admitted},
                       {"pinned", answer.pinned},
                       {"message", answer.message}});
      return;
    }
    output_.out << (answer.allowed ? "ADMITTED  " : "DENIED    ") << image.reference << "   ("
                << image.story << ")\n";
    if (answer.allowed) output_.out << "    runs as " << answer.pinned << '\n';
    for (const std::string_view line : split(trim(answer.message), '\n')) {
      if (!line.empty()) output_.out << "    " << line << '\n';
    }
    output_.out << '\n';
    output_.out.flush();
  }

  void conclude(int wrong) {
    if (!is_text()) {
      const Json report = {{"version", "signet.dev/demo/v1"}, {"images", told_}};
      output_.out << report.dump(2) << '\n';
    } else if (wrong == 0) {
      output_.out << "All six decisions are as they must be.\n";
    } else {
      output_.out << wrong << " decisions are not as they must be.\n";
    }
    output_.out.flush();
  }

  // Serves on until a signal.
  Task<void> stay(Url server) {
    const std::string image = world_.images.at(1).reference;
    const bool written = stage_.write("ca.pem", service_.certificate_pem()) &&
                         stage_.write("review.json", demo_review("unsigned", image));
    if (written) {
      output_.out << "\nStill serving; end it with Ctrl-C. Try:\n"
                  << "  curl --cacert " << stage_.path("ca.pem")
                  << " -H 'Content-Type: application/json' \\\n"
                  << "    --data @" << stage_.path("review.json") << " '" << server.origin()
                  << "/validate?timeout=10s'\n";
      output_.out.flush();
    }
    co_await signals_.async_wait(kToken);
  }

  asio::io_context& loop_;
  const DemoCommand& command_;
  Output output_;
  const DemoWorld& world_;
  const Stage& stage_;
  Service& service_;
  SystemResolver resolver_;
  asio::signal_set signals_;
  Json told_ = Json::array();
};

Config config_for(const DemoWorld& world, const Stage& stage) {
  Config config;
  config.policies = {stage.path("policy.yaml")};
  config.listen = {"127.0.0.1", 0};
  config.health_listen = {"127.0.0.1", 0};
  config.metrics_listen = {"127.0.0.1", 0};
  config.registry.layouts.emplace_back(world.repository, stage.path("layout"));
  config.log_level = LogLevel::error;
  return config;
}

// Ends the service also where the demonstration throws; else the loop would never run out.
Task<void> play(Demo& demo, Service& service, int& code) {
  std::exception_ptr thrown;
  try {
    code = co_await demo.run();
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await service.stop(deadline_in(std::chrono::seconds(2)));
  demo.end();
  if (thrown) std::rethrow_exception(thrown);
}

int perform(const DemoCommand& command, Output output, const Stage& stage) {
  std::error_code failure;
  fs::create_directory(stage.path("layout"), failure);
  const auto world = make_demo_world(stage.path("layout"), wall_clock());
  if (!world || !stage.write("policy.yaml", world->policy)) {
    output.err << "signet demo: " << (world ? "cannot write the policy" : world.error().what())
               << '\n';
    return 1;
  }
  asio::io_context loop(1);
  const Config config = config_for(*world, stage);
  auto service = Service::make(loop, config, wall_clock, {});
  if (!service) {
    output.err << "signet demo: " << service.error().what() << '\n';
    return 1;
  }
  Demo demo(loop, command, output, *world, stage, **service);
  int code = 1;
  std::exception_ptr thrown;
  asio::co_spawn(loop, play(demo, **service, code),
                 [&](const std::exception_ptr& e) { thrown = e; });
  loop.run();
  if (thrown) std::rethrow_exception(thrown);
  return code;
}

}  // namespace

int run(const DemoCommand& command, Output output) {
  auto stage = Stage::build();
  if (!stage) {
    output.err << "signet demo: " << stage.error().what() << '\n';
    return 1;
  }
  return perform(command, output, **stage);
}

}  // namespace signet
