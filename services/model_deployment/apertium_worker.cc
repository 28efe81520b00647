#include "services/model_deployment/apertium_worker.h"

#include <signal.h>
#include <sys/wait.h>

#include <cerrno>
#include <utility>

#include "common/status/status_macros.h"

namespace keyward::model_deployment {

namespace {
// Translations are longer than their sources by some factor, and never by this one.
constexpr size_t kGrowth = 64;
constexpr size_t kLeastOutputLimit = 1 << 20;
}  // namespace

absl::StatusOr<std::unique_ptr<ApertiumWorker>> ApertiumWorker::Start(
    ProcessSpawner& spawner, absl::Span<const Program> programs) {
  // pipes[i] leads into program i, the last one out of the last.
  std::vector<Pipe> pipes;
  for (size_t i = 0; i <= programs.size(); ++i) {
    KW_ASSIGN_OR_RETURN(Pipe pipe, MakePipe());
    pipes.push_back(std::move(pipe));
  }
  std::vector<ProcessSpec> specs;
  for (size_t i = 0; i < programs.size(); ++i) {
    specs.push_back(
        {programs[i].argv, pipes[i].read.get(), pipes[i + 1].write.get(), programs[i].inherited});
  }
  KW_ASSIGN_OR_RETURN(std::vector<pid_t> pids, spawner.Spawn(specs, ProcessSpawner::Limits()));
  return std::unique_ptr<ApertiumWorker>(new ApertiumWorker(
      std::move(pids), std::move(pipes.front().write), std::move(pipes.back().read)));
}

ApertiumWorker::~ApertiumWorker() { Reap(); }

absl::StatusOr<std::vector<std::string>> ApertiumWorker::Ask(absl::Span<const std::string> texts,
                                                             absl::Duration silence_limit) {
  std::string input;
  for (const std::string& text : texts) {
    input += text;
    input.push_back('\0');
  }
  return exchange_.WriteAndReadAnswers(input, texts.size(),
                                       kLeastOutputLimit + kGrowth * input.size(), silence_limit);
}

void ApertiumWorker::Kill() {
  absl::MutexLock lock(&mutex_);
  // Unreaped, the first process keeps the group's id from being given to another.
  if (!reaped_) kill(-pids_.front(), SIGKILL);
}

void ApertiumWorker::Reap() {
  absl::MutexLock lock(&mutex_);
  if (reaped_) return;
  kill(-pids_.front(), SIGKILL);
  for (pid_t pid : pids_) {
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  reaped_ = true;
}

}  // namespace keyward::model_deployment
