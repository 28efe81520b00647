#include "services/model_deployment/apertium_engine.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/apertium_stream.h"

namespace keyward::model_deployment {

namespace {

// So many sentences go to the worker at once, so that what is under way stays bounded.
constexpr size_t kBatch = 64;

std::string TextOf(const Sentence& sentence) {
  std::string text;
  for (const Piece& piece : sentence) text += piece.text;
  return text;
}

bool HasSpaceBeforePunctuation(absl::string_view text) {
  for (absl::string_view pair : {" .", " ,", " ;", " :", " !", " ?"}) {
    if (absl::StrContains(text, pair)) return true;
  }
  return false;
}

}  // namespace

ApertiumEngine::ApertiumEngine(ProcessSpawner& spawner, const ApertiumPair& pair,
                               absl::Duration silence_limit)
    : spawner_(spawner), pair_(pair), silence_limit_(silence_limit) {}

ApertiumEngine::~ApertiumEngine() { Unload(); }

absl::Status ApertiumEngine::Start() {
  std::vector<Sentence> probe = {{Piece{"."}}};
  return Translate(probe).status();
}

absl::StatusOr<std::vector<std::string>> ApertiumEngine::Translate(
    absl::Span<const Sentence> sentences) {
  absl::MutexLock lock(&asking_);
  std::vector<std::string> out(sentences.size());
  std::vector<size_t> numbers(sentences.size());
  std::iota(numbers.begin(), numbers.end(), 0);
  KW_ASSIGN_OR_RETURN(numbers, Pass(sentences, numbers, pair_.knows_nouns(), out));
  KW_ASSIGN_OR_RETURN(numbers, Pass(sentences, numbers, /*as_nouns=*/false, out));
  for (size_t number : numbers) {
    KW_ASSIGN_OR_RETURN(out[number], PieceByPiece(sentences[number]));
  }
  for (size_t i = 0; i < out.size(); ++i) out[i] = TidySpaces(TextOf(sentences[i]), out[i]);
  return out;
}

absl::StatusOr<std::vector<size_t>> ApertiumEngine::Pass(absl::Span<const Sentence> sentences,
                                                         const std::vector<size_t>& numbers,
                                                         bool as_nouns,
                                                         std::vector<std::string>& out) {
  std::vector<size_t> lost;
  absl::Status failure;
  int attempts = 0;
  for (size_t begin = 0; begin < numbers.size();) {
    size_t end = std::min(begin + kBatch, numbers.size());
    std::vector<EncodedSentence> encoded;
    std::vector<std::string> streams;
    for (size_t i = begin; i < end; ++i) {
      KW_ASSIGN_OR_RETURN(EncodedSentence sentence,
                          EncodeForApertium(sentences[numbers[i]], next_number_++, as_nouns));
      streams.push_back(sentence.stream);
      encoded.push_back(std::move(sentence));
    }
    KW_ASSIGN_OR_RETURN(std::shared_ptr<ApertiumWorker> worker, Worker());
    absl::StatusOr<std::vector<std::string>> answers = worker->Ask(streams, silence_limit_);
    failure = answers.status();
    std::vector<size_t> lost_here;
    for (size_t i = begin; failure.ok() && i < end; ++i) {
      absl::StatusOr<std::string> text =
          DecodeFromApertium((*answers)[i - begin], encoded[i - begin]);
      if (text.ok()) {
        out[numbers[i]] = *std::move(text);
      } else if (absl::IsAborted(text.status())) {
        lost_here.push_back(numbers[i]);
      } else {
        failure = text.status();
      }
    }
    if (!failure.ok()) {
      Discard(worker);
      if (++attempts == 2) return absl::UnavailableError(failure.message());
      continue;
    }
    attempts = 0;
    lost.insert(lost.end(), lost_here.begin(), lost_here.end());
    begin = end;
  }
  return lost;
}

absl::StatusOr<std::string> ApertiumEngine::PieceByPiece(const Sentence& sentence) {
  std::string text;
  for (const Piece& piece : sentence) {
    if (piece.verbatim) {
      text += piece.text;
      continue;
    }
    std::vector<Sentence> alone = {{Piece{piece.text}}};
    std::vector<std::string> out(1);
    KW_RETURN_IF_ERROR(Pass(alone, {0}, /*as_nouns=*/false, out).status());
    text += TidySpaces(piece.text, out[0]);
  }
  return text;
}

absl::StatusOr<std::shared_ptr<ApertiumWorker>> ApertiumEngine::Worker() {
  absl::MutexLock lock(&mutex_);
  if (unloaded_) return absl::UnavailableError("the worker was ended");
  if (worker_ == nullptr) {
    KW_ASSIGN_OR_RETURN(worker_, ApertiumWorker::Start(spawner_, pair_.programs()));
  }
  return worker_;
}

void ApertiumEngine::Discard(const std::shared_ptr<ApertiumWorker>& worker) {
  worker->Reap();
  absl::MutexLock lock(&mutex_);
  if (worker_ == worker) worker_ = nullptr;
}

void ApertiumEngine::Kill() {
  absl::MutexLock lock(&mutex_);
  unloaded_ = true;
  if (worker_ != nullptr) worker_->Kill();
}

void ApertiumEngine::Unload() {
  Kill();
  std::shared_ptr<ApertiumWorker> worker;
  {
    absl::MutexLock lock(&mutex_);
    worker = std::exchange(worker_, nullptr);
  }
  if (worker != nullptr) worker->Reap();
}

pid_t ApertiumEngine::worker_pid() const {
  absl::MutexLock lock(&mutex_);
  return worker_ == nullptr ? 0 : worker_->pid();
}

std::string TidySpaces(absl::string_view source, absl::string_view target) {
  absl::string_view inner = absl::StripAsciiWhitespace(source);
  size_t leading =
      static_cast<size_t>(absl::StripLeadingAsciiWhitespace(source).data() - source.data());
  if (inner.empty()) return std::string(source);
  bool has_doubles = absl::StrContains(inner, "  ");
  bool has_loose_punctuation = HasSpaceBeforePunctuation(inner);
  std::string tidy;
  for (char c : absl::StripAsciiWhitespace(target)) {
    if (!tidy.empty() && tidy.back() == ' ') {
      if (c == ' ' && !has_doubles) continue;
      if (absl::StrContains(".,;:!?", c) && !has_loose_punctuation) tidy.pop_back();
    }
    tidy.push_back(c);
  }
  return absl::StrCat(source.substr(0, leading), tidy, source.substr(leading + inner.size()));
}

}  // namespace keyward::model_deployment
