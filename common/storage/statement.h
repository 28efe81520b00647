#ifndef KEYWARD_COMMON_STORAGE_STATEMENT_H_
#define KEYWARD_COMMON_STORAGE_STATEMENT_H_

#include <soci/soci.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "common/storage/engine.h"
#include "common/storage/value.h"

namespace keyward::storage {

// What a statement did.
struct Outcome {
  std::vector<Row> rows;
  int64_t rows_changed = 0;
};

// A prepared statement, to be run any number of times with parameters of the same names and types.
// Reads every column as text, which both engines give for numbers too, so that a result needs no
// declared types. Throws soci::soci_error. Belongs to one session and one thread at a time.
class Statement {
 public:
  Statement(const Engine& engine, soci::session& session, std::string_view sql,
            absl::Span<const Parameter> parameters);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // What distinguishes statements: their text and the types of their parameters.
  static std::string Key(std::string_view sql, absl::Span<const Parameter> parameters);

  Outcome Run(absl::Span<const Parameter> parameters);

 private:
  // Where SOCI reads a parameter from, or writes a column to.
  struct Slot {
    long long number = 0;
    std::string text;
    soci::indicator indicator = soci::i_null;
  };

  Row TakeRow();

  // Behind pointers, for SOCI keeps their addresses.
  std::vector<std::unique_ptr<Slot>> parameters_;
  std::vector<std::unique_ptr<Slot>> columns_;
  soci::statement statement_;
};

}  // namespace keyward::storage

#endif  // KEYWARD_COMMON_STORAGE_STATEMENT_H_
