#include "server/net/resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "core/base/text.hpp"
#include "server/runtime/cache.hpp"
#include "server/runtime/files.hpp"
#include "server/runtime/waiters.hpp"

namespace signet {
namespace {

constexpr std::size_t kHostsFileBytes = 1024 * 1024;
// An old answer serves where a new one is late: somebody else's slow zone may hold every thread.
constexpr std::chrono::hours kOldLife{1};
constexpr std::chrono::milliseconds kPatience{500};

Error unknown_name(std::string_view host, std::string_view why) {
  return {Reason::registry_dns, cat("the name ", printable(host), " cannot be resolved: ", why)};
}

Addresses addresses_of(const addrinfo* list) {
  Addresses found;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::copy_n(reinterpret_cast<const char*>(entry->ai_addr), entry->ai_addrlen,
                reinterpret_cast<char*>(endpoint.data()));
    endpoint.resize(entry->ai_addrlen);
    const asio::ip::address address = endpoint.address();
    if (std::find(found.begin(), found.end(), address) == found.end()) found.push_back(address);
  }
  return found;
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> found;
  while (true) {
    line = trim(line);
    if (line.empty()) return found;
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    found.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

}  // namespace

Addresses addresses_in_hosts_file(std::string_view text, std::string_view host) {
  Addresses found;
  for (const std::string_view line : split(text, '\n')) {
    const auto names = words(line.substr(0, line.find('#')));
    const bool named = std::any_of(names.begin(), names.end(), [&](std::string_view name) {
      return equals_ignoring_case(name, host);
    });
    if (!named || equals_ignoring_case(names.front(), host)) continue;
    boost::system::error_code failure;
    const auto address = asio::ip::make_address(std::string(names.front()), failure);
    if (!failure) found.push_back(address);
  }
  return found;
}

Result<Addresses> searching_lookup(std::string host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (code != 0) return unknown_name(host, ::gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
  Addresses found = addresses_of(list);
  if (found.empty()) return unknown_name(host, "it has no address");
  return found;
}

Result<Addresses> system_lookup(std::string host) {
  const auto hosts = read_file("/etc/hosts", kHostsFileBytes);
  if (hosts) {
    Addresses listed = addresses_in_hosts_file(*hosts, host);
    if (!listed.empty()) return listed;
  }
  // A name of one label has no meaning outside a search list.
  const bool absolute = host.find('.') != std::string::npos;
  return searching_lookup(absolute ? cat(host, ".") : host);
}

struct KnownName {
  Addresses addresses;
  Deadline fresh_until;
};

// A name that is being looked up. Only the loop's thread reads it, but for `host`.
struct SystemResolver::Pending {
  explicit Pending(std::string host_) : host(std::move(host_)) {}
  const std::string host;
  std::size_t callers = 0;
  std::optional<Result<Addresses>> answer;
  Waiters answered;
};

// Outlives the resolver for as long as a thread is inside a look-up.
struct SystemResolver::Shared {
  Shared(asio::any_io_executor executor_, ResolverSettings settings_, Lookup lookup_)
      : settings(settings_),
        lookup(std::move(lookup_)),
        cache(settings_.cached),
        executor(std::move(executor_)) {}

  const ResolverSettings settings;
  const Lookup lookup;

  // Of the loop's thread.
  std::map<std::string, std::shared_ptr<Pending>> pending;
  Cache<std::string, KnownName> cache;

  // Of everybody.
  std::mutex mutex;
  std::condition_variable wanted;
  std::deque<std::shared_ptr<Pending>> queue;
  std::size_t threads = 0;
  std::size_t resting = 0;
  bool stopped = false;
  asio::any_io_executor executor;  // not to be used once stopped: the loop may be gone

  static void serve(const std::shared_ptr<Shared>& shared);
  static bool enqueue(const std::shared_ptr<Shared>& shared, std::shared_ptr<Pending> pending);
  static bool start_thread(const std::shared_ptr<Shared>& shared);
  void abandon(const std::shared_ptr<Pending>& about);
  void deliver(const std::shared_ptr<Pending>& about, Result<Addresses> answer);
};

// One of those who wait for a name. The last to leave before a thread has begun takes the name out
// of the queue: nobody would hear the answer.
class SystemResolver::Caller {
 public:
  Caller(std::shared_ptr<Shared> shared, std::shared_ptr<Pending> about)
      : shared_(std::move(shared)), about_(std::move(about)) {
    ++about_->callers;
  }
  ~Caller() {
    if (--about_->callers == 0 && !about_->answer) shared_->abandon(about_);
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

 private:
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Pending> about_;
};

// False where too many names wait already, or no thread is there to look them up.
bool SystemResolver::Shared::enqueue(const std::shared_ptr<Shared>& shared,
                                     std::shared_ptr<Pending> about) {
  const std::lock_guard lock(shared->mutex);
  if (shared->queue.size() >= shared->settings.waiting) return false;
  const bool wants_more = shared->resting <= shared->queue.size();
  if (wants_more && shared->threads < shared->settings.threads) {
    const bool started = start_thread(shared);
    if (!started && shared->threads == 0) return false;
  }
  shared->queue.push_back(std::move(about));
  shared->wanted.notify_one();
  return true;
}

// Nobody can join a thread that getaddrinfo holds; it owns all that it touches.
bool SystemResolver::Shared::start_thread(const std::shared_ptr<Shared>& shared) {
  try {
    std::thread([shared] { serve(shared); }).detach();
  } catch (const std::system_error&) {
    return false;
  }
  ++shared->threads;
  return true;
}

void SystemResolver::Shared::abandon(const std::shared_ptr<Pending>& about) {
  const std::lock_guard lock(mutex);
  if (std::erase(queue, about) != 0) pending.erase(about->host);
}

void SystemResolver::Shared::serve(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  while (true) {
    ++shared->resting;
    shared->wanted.wait(lock, [&] { return shared->stopped || !shared->queue.empty(); });
    --shared->resting;
    if (shared->stopped) return;
    const std::shared_ptr<Pending> next = std::move(shared->queue.front());
    shared->queue.pop_front();
    lock.unlock();
    Result<Addresses> answer = shared->lookup(next->host);
    lock.lock();
    if (shared->stopped) return;
    asio::post(shared->executor, [shared, next, answer = std::move(answer)]() mutable {
      shared->deliver(next, std::move(answer));
    });
  }
}

void SystemResolver::Shared::deliver(const std::shared_ptr<Pending>& about,
                                     Result<Addresses> answer) {
  if (answer && answer->size() > settings.addresses) answer->resize(settings.addresses);
  if (answer) {
    KnownName known{*answer, deadline_in(settings.life)};
    cache.put(about->host, std::move(known), deadline_in(kOldLife));
  }
  about->answer = std::move(answer);
  pending.erase(about->host);
  about->answered.notify();
}

SystemResolver::SystemResolver(asio::any_io_executor executor, ResolverSettings settings,
                               Lookup lookup)
    : shared_(std::make_shared<Shared>(std::move(executor), settings, std::move(lookup))) {}

SystemResolver::~SystemResolver() {
  const std::lock_guard lock(shared_->mutex);
  shared_->stopped = true;
  shared_->executor = {};
  shared_->queue.clear();
  shared_->wanted.notify_all();
}

Task<Result<Addresses>> SystemResolver::resolve(std::string host, Deadline deadline) {
  boost::system::error_code failure;
  const auto literal = asio::ip::make_address(host, failure);
  if (!failure) co_return Addresses(1, literal);
  const Deadline now = std::chrono::steady_clock::now();
  const auto known = shared_->cache.get(host, now);
  if (known && now < known->fresh_until) co_return known->addresses;
  const Deadline patience = known ? sooner(deadline, kPatience) : deadline;
  auto found = co_await look_up(std::move(host), patience);
  const bool late = !found && found.error().reason() == Reason::deadline;
  if (late && known && std::chrono::steady_clock::now() < deadline) co_return known->addresses;
  co_return found;
}

Task<Result<Addresses>> SystemResolver::look_up(std::string host, Deadline deadline) {
  const std::shared_ptr<Shared> shared = shared_;
  auto at = shared->pending.find(host);
  if (at == shared->pending.end()) {
    auto about = std::make_shared<Pending>(host);
    if (!Shared::enqueue(shared, about)) {
      co_return unknown_name(host, "too many names are being looked up");
    }
    at = shared->pending.emplace(host, std::move(about)).first;
  }
  const std::shared_ptr<Pending> about = at->second;
  const Caller caller(shared, about);
  co_await about->answered.wait(deadline);
  if (about->answer) co_return *about->answer;
  co_return Error(Reason::deadline, "the deadline passed");
}

}  // namespace signet
