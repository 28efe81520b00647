#include "common/storage/statement.h"

#include <optional>
#include <utility>

namespace keyward::storage {
namespace {

bool IsNumber(const Value& value) { return std::holds_alternative<int64_t>(value.rep()); }

}  // namespace

std::string Statement::Key(std::string_view sql, absl::Span<const Parameter> parameters) {
  std::string key;
  key.reserve(parameters.size() + 1 + sql.size());
  for (const Parameter& parameter : parameters) key += IsNumber(parameter.value) ? 'n' : 't';
  key += ' ';
  key += sql;
  return key;
}

Statement::Statement(const Engine& engine, soci::session& session, std::string_view sql,
                     absl::Span<const Parameter> parameters)
    : statement_(session) {
  statement_.alloc();
  statement_.prepare(std::string(sql), soci::details::st_repeatable_query);
  const int columns = engine.CountColumns(session, statement_);
  for (int i = 0; i < columns; ++i) {
    Slot& slot = *columns_.emplace_back(std::make_unique<Slot>());
    statement_.exchange(soci::into(slot.text, slot.indicator));
  }
  for (const Parameter& parameter : parameters) {
    Slot& slot = *parameters_.emplace_back(std::make_unique<Slot>());
    const std::string name(parameter.name);
    if (IsNumber(parameter.value)) {
      statement_.exchange(soci::use(slot.number, slot.indicator, name));
    } else {
      statement_.exchange(soci::use(slot.text, slot.indicator, name));
    }
  }
  statement_.define_and_bind();
}

Outcome Statement::Run(absl::Span<const Parameter> parameters) {
  for (size_t i = 0; i < parameters.size(); ++i) {
    Slot& slot = *parameters_[i];
    const Value::Rep& rep = parameters[i].value.rep();
    slot.indicator = std::holds_alternative<std::monostate>(rep) ? soci::i_null : soci::i_ok;
    if (const auto* number = std::get_if<int64_t>(&rep)) slot.number = *number;
    if (const auto* text = std::get_if<std::string>(&rep)) slot.text = *text;
  }
  Outcome outcome;
  bool more = statement_.execute(/*withDataExchange=*/true);
  if (columns_.empty()) {
    outcome.rows_changed = statement_.get_affected_rows();
    return outcome;
  }
  // To the end, for SQLite keeps a statement open, and its snapshot, until it has no more rows.
  while (more) {
    outcome.rows.push_back(TakeRow());
    more = statement_.fetch();
  }
  outcome.rows_changed = static_cast<int64_t>(outcome.rows.size());
  return outcome;
}

Row Statement::TakeRow() {
  Row::Columns columns;
  columns.reserve(columns_.size());
  for (const std::unique_ptr<Slot>& slot : columns_) {
    if (slot->indicator == soci::i_null) {
      columns.push_back(std::nullopt);
    } else {
      columns.push_back(std::move(slot->text));
      slot->text.clear();
    }
  }
  return Row(std::move(columns));
}

}  // namespace keyward::storage
