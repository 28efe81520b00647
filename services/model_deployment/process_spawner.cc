#include "services/model_deployment/process_spawner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/status/status_macros.h"
#include "services/model_deployment/pipe_exchange.h"

namespace keyward::model_deployment {

namespace {

constexpr int kStartFailed = 127;
constexpr unsigned kFirstInherited = 3;

void Limit(__rlimit_resource resource, rlim_t value) {
  rlimit limit{value, value};
  setrlimit(resource, &limit);
}

// Everything that the child needs, prepared before the fork: after it, in a process that had many
// threads, nothing may allocate.
struct Child {
  std::vector<char*> argv;
  int stdin_fd, stdout_fd, stderr_fd;
  const std::vector<int>* inherited;
  pid_t group, parent;
  ProcessSpawner::Limits limits;
};

[[noreturn]] void BecomeChild(const Child& child) {
  setpgid(0, child.group);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != child.parent) _exit(kStartFailed);  // it died before the line above
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  dup2(child.stdin_fd, STDIN_FILENO);
  dup2(child.stdout_fd, STDOUT_FILENO);
  dup2(child.stderr_fd, STDERR_FILENO);
  unsigned next = kFirstInherited;
  for (int fd : *child.inherited) dup2(fd, static_cast<int>(next++));
  close_range(next, ~0U, 0);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_AS, child.limits.memory_bytes);
  Limit(RLIMIT_FSIZE, child.limits.file_size_bytes);
  Limit(RLIMIT_NOFILE, child.limits.open_files);
  // Apertium's tools read the locale to know that text is UTF-8; nothing else is theirs to know.
  static char locale[] = "LC_ALL=C.UTF-8";
  static char path[] = "PATH=/usr/bin:/bin";
  char* environment[] = {locale, path, nullptr};
  execve(child.argv[0], child.argv.data(), environment);
  _exit(kStartFailed);
}

void KillGroup(const std::vector<pid_t>& pids) {
  if (pids.empty()) return;
  kill(-pids.front(), SIGKILL);
  for (pid_t pid : pids) {
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

absl::StatusOr<std::vector<pid_t>> SpawnHere(absl::Span<const ProcessSpec> programs,
                                             const ProcessSpawner::Limits& limits) {
  FileDescriptor null(open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!null.is_open()) return ErrnoStatus("open /dev/null");
  std::vector<pid_t> pids;
  for (const ProcessSpec& program : programs) {
    Child child{{},
                program.stdin_fd,
                program.stdout_fd,
                null.get(),
                &program.inherited,
                pids.empty() ? 0 : pids.front(),
                getpid(),
                limits};
    for (const std::string& argument : program.argv) {
      child.argv.push_back(const_cast<char*>(argument.c_str()));
    }
    child.argv.push_back(nullptr);
    pid_t pid = fork();
    if (pid == 0) BecomeChild(child);
    if (pid < 0) {
      absl::Status status = ErrnoStatus("start a process");
      KillGroup(pids);
      return status;
    }
    // Here too, so that the group exists whichever of the two runs first.
    setpgid(pid, child.group);
    pids.push_back(pid);
  }
  return pids;
}

}  // namespace

ProcessSpawner::ProcessSpawner() : thread_([this] { Run(); }) {}

ProcessSpawner::~ProcessSpawner() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

absl::StatusOr<std::vector<pid_t>> ProcessSpawner::Spawn(absl::Span<const ProcessSpec> programs,
                                                         const Limits& limits) {
  absl::StatusOr<std::vector<pid_t>> pids;
  absl::Notification done;
  {
    absl::MutexLock lock(&mutex_);
    tasks_.push_back([&] {
      pids = SpawnHere(programs, limits);
      done.Notify();
    });
  }
  done.WaitForNotification();
  return pids;
}

void ProcessSpawner::Run() {
  while (true) {
    std::function<void()> task;
    {
      auto ready = [this]()
                       ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || !tasks_.empty(); };
      absl::MutexLock lock(&mutex_, absl::Condition(&ready));
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

absl::StatusOr<std::string> RunProgram(ProcessSpawner& spawner, std::vector<std::string> argv,
                                       std::vector<int> inherited, absl::string_view input,
                                       const ProcessSpawner::Limits& limits, size_t output_limit,
                                       absl::Duration silence_limit) {
  KW_ASSIGN_OR_RETURN(Pipe in, MakePipe());
  KW_ASSIGN_OR_RETURN(Pipe out, MakePipe());
  std::string name = argv.front();
  std::vector<ProcessSpec> programs = {
      {std::move(argv), in.read.get(), out.write.get(), std::move(inherited)}};
  KW_ASSIGN_OR_RETURN(std::vector<pid_t> pids, spawner.Spawn(programs, limits));
  in.read.Close();
  out.write.Close();
  PipeExchange exchange(std::move(in.write), std::move(out.read));
  absl::StatusOr<std::string> output =
      exchange.WriteAndReadToEnd(input, output_limit, silence_limit);
  if (!output.ok()) kill(-pids.front(), SIGKILL);
  int ended = 0;
  while (waitpid(pids.front(), &ended, 0) < 0 && errno == EINTR) {
  }
  if (!output.ok()) return output.status();
  if (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0) {
    return absl::InternalError(absl::StrCat(name, " failed"));
  }
  return output;
}

}  // namespace keyward::model_deployment
