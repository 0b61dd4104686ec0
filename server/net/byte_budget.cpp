#include "server/net/byte_budget.hpp"

namespace signet {

bool ByteBudget::Share::hold(std::size_t bytes) {
  if (budget_ == nullptr || bytes == held_) return true;
  if (bytes < held_) {
    budget_->give_back(tenant_, held_ - bytes);
  } else if (!budget_->take(tenant_, bytes - held_)) {
    return false;
  }
  held_ = bytes;
  return true;
}

bool ByteBudget::take(const std::string& tenant, std::size_t bytes) {
  if (bytes > bytes_ - held_) return false;
  const auto at = by_tenant_.find(tenant);
  const std::size_t before = at == by_tenant_.end() ? 0 : at->second;
  if (before + bytes > bytes_ / 2) return false;
  held_ += bytes;
  by_tenant_[tenant] += bytes;
  return true;
}

void ByteBudget::give_back(const std::string& tenant, std::size_t bytes) {
  held_ -= bytes;
  const auto at = by_tenant_.find(tenant);
  at->second -= bytes;
  if (at->second == 0) by_tenant_.erase(at);
}

}  // namespace signet
