#include "server/net/connection_pool.hpp"

namespace signet {

std::unique_ptr<Connection> ConnectionPool::take(const std::string& origin, Deadline now) {
  drop_old(now);
  const auto at = idle_.find(origin);
  if (at == idle_.end()) return nullptr;
  std::unique_ptr<Connection> taken;
  while (!taken && !at->second.empty()) {
    taken = std::move(at->second.back().connection);
    at->second.pop_back();
    --size_;
    if (!taken->quiet()) taken.reset();
  }
  if (at->second.empty()) idle_.erase(at);
  return taken;
}

void ConnectionPool::put(const std::string& origin, std::unique_ptr<Connection> connection,
                         Deadline now) {
  drop_old(now);
  if (size_ >= settings_.idle_in_all || connection->exchanges() >= settings_.requests) return;
  auto& idle = idle_[origin];
  if (idle.size() >= settings_.idle_per_origin) return;
  idle.push_back(Idle{std::move(connection), now});
  ++size_;
}

void ConnectionPool::clear() {
  idle_.clear();
  size_ = 0;
}

void ConnectionPool::drop_old(Deadline now) {
  for (auto at = idle_.begin(); at != idle_.end();) {
    size_ -= std::erase_if(at->second, [&](const Idle& idle) { return is_old(idle, now); });
    at = at->second.empty() ? idle_.erase(at) : std::next(at);
  }
}

bool ConnectionPool::is_old(const Idle& idle, Deadline now) const {
  return now - idle.since >= settings_.idle_life ||
         now - idle.connection->opened() >= settings_.life;
}

}  // namespace signet
