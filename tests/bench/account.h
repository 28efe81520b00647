#ifndef KEYWARD_TESTS_BENCH_ACCOUNT_H_
#define KEYWARD_TESTS_BENCH_ACCOUNT_H_

#include "absl/status/status.h"
#include "common/status/status_macros.h"
#include "tests/mission/customer.h"

namespace keyward::bench {

// Makes the customer's account, under a key of theirs.
inline absl::Status MakeAccount(mission::Customer& customer) {
  KW_RETURN_IF_ERROR(customer.CreateTenancy());
  KW_RETURN_IF_ERROR(customer.CreateVault().status());
  KW_RETURN_IF_ERROR(customer.CreateKey().status());
  KW_RETURN_IF_ERROR(customer.CreateAccount().status());
  KW_ASSIGN_OR_RETURN(const identity::v1::Identity enabled, customer.EnableIdentity());
  KW_RETURN_IF_ERROR(customer.Grant(enabled.principal_id()).status());
  return customer.EnableCustomerKey().status();
}

}  // namespace keyward::bench

#endif  // KEYWARD_TESTS_BENCH_ACCOUNT_H_
