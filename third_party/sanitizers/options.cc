// The sanitizers' settings, in the one place that every test links. Suppressions are only for what
// Debian's uninstrumented libraries do.

#if defined(__has_feature)
#if __has_feature(address_sanitizer)

extern "C" const char* __asan_default_options() {
  // Containers that cross into uninstrumented libraries are annotated on one side only.
  return "detect_container_overflow=0:detect_stack_use_after_return=1:strict_string_checks=1";
}

extern "C" const char* __lsan_default_suppressions() {
  // gRPC and OpenSSL keep process-wide state until the process ends.
  return "leak:libgrpc.so\n"
         "leak:libgrpc++.so\n"
         "leak:libcrypto.so\n"
         "leak:libprotobuf.so\n";
}

extern "C" const char* __ubsan_default_options() { return "print_stacktrace=1:halt_on_error=1"; }

#elif __has_feature(thread_sanitizer)

extern "C" const char* __tsan_default_options() {
  return "halt_on_error=0:second_deadlock_stack=1";
}

extern "C" const char* __tsan_default_suppressions() {
  // These synchronise with atomics that the sanitizer does not see.
  return "called_from_lib:libgrpc.so\n"
         "called_from_lib:libgrpc++.so\n"
         "called_from_lib:libpq.so\n"
         "called_from_lib:libprometheus-cpp-core.so\n"
         "called_from_lib:libprometheus-cpp-pull.so\n";
}

#endif
#endif
