#ifndef KEYWARD_COMMON_STORAGE_MIGRATION_H_
#define KEYWARD_COMMON_STORAGE_MIGRATION_H_

#include <string>
#include <vector>

namespace keyward::storage {

// One step of a schema. Once released, it never changes.
struct Migration {
  // Counts from 1 without gaps.
  int version;
  // For people, such as "create vaults".
  const char* name;
  // One or more statements, each ending with a semicolon at the end of a line.
  const char* sql;
};

// The tables of one component. The table schema_migrations remembers which steps have been taken.
struct Schema {
  std::string component;
  std::vector<Migration> migrations;
};

}  // namespace keyward::storage

#endif  // KEYWARD_COMMON_STORAGE_MIGRATION_H_
