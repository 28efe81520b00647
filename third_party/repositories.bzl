"""Every dependency of Keyward: Debian's packages, and BoringSSL from Debian's source package."""

load("//third_party/boringssl:repository.bzl", "boringssl_repository")
load("//third_party:debian.bzl", "debian_repository", "file_repository")

def _bazel_rules():
    native.local_repository(name = "bazel_skylib", path = "/usr/share/bazel/tools/skylib")
    native.local_repository(name = "platforms", path = "/usr/share/bazel/tools/platforms")
    native.local_repository(name = "rules_java", path = "/usr/share/bazel/rules/java")
    native.local_repository(name = "rules_proto", path = "/usr/share/bazel/rules/proto")
    file_repository(
        name = "rules_cc",
        files = {"//third_party/rules_cc:defs.bzl": "cc/defs.bzl"},
        packages = ["", "cc"],
    )
    file_repository(
        name = "remote_coverage_tools",
        files = {"//third_party/coverage:coverage.BUILD": "BUILD.bazel"},
    )

def _rpc():
    debian_repository(
        name = "com_google_protobuf",
        build_file = "//third_party/protobuf:protobuf.BUILD",
        packages = ["libprotobuf-dev", "protobuf-compiler"],
        symlinks = {"/usr/bin/protoc": "bin/protoc", "/usr/include/google": "include/google"},
    )
    debian_repository(
        name = "grpc",
        build_file = "//third_party/grpc:grpc.BUILD",
        packages = ["libgrpc++-dev", "protobuf-compiler-grpc"],
        symlinks = {"/usr/bin/grpc_cpp_plugin": "bin/grpc_cpp_plugin"},
    )
    native.new_local_repository(
        name = "googleapis",
        build_file = "//third_party/googleapis:googleapis.BUILD",
        path = "third_party/googleapis",
    )

def _libraries():
    debian_repository(
        name = "absl",
        build_file = "//third_party/absl:absl.BUILD",
        packages = ["libabsl-dev"],
        pkg_config_prefixes = ["absl_"],
    )
    debian_repository(
        name = "soci",
        build_file = "//third_party/soci:soci.BUILD",
        packages = ["libboost-dev", "libpq-dev", "libsoci-dev"],
        symlinks = {"/usr/include/postgresql": "postgresql"},
    )
    debian_repository(
        name = "sqlite",
        build_file = "//third_party/sqlite:sqlite.BUILD",
        packages = ["libsqlite3-dev"],
    )
    debian_repository(
        name = "expat",
        build_file = "//third_party/expat:expat.BUILD",
        packages = ["libexpat1-dev"],
    )
    debian_repository(
        name = "httplib",
        build_file = "//third_party/httplib:httplib.BUILD",
        packages = ["libcpp-httplib-dev"],
    )
    debian_repository(
        name = "isa_l",
        build_file = "//third_party/isa_l:isa_l.BUILD",
        packages = ["libisal-dev"],
    )
    debian_repository(
        name = "pugixml",
        build_file = "//third_party/pugixml:pugixml.BUILD",
        packages = ["libpugixml-dev"],
    )
    debian_repository(
        name = "nlohmann_json",
        build_file = "//third_party/nlohmann_json:nlohmann_json.BUILD",
        packages = ["nlohmann-json3-dev"],
    )
    debian_repository(
        name = "cryptoki",
        build_file = "//third_party/cryptoki:cryptoki.BUILD",
        packages = ["libp11-kit-dev"],
        symlinks = {"/usr/include/p11-kit-1/p11-kit": "p11-kit"},
    )
    debian_repository(
        name = "prometheus_cpp",
        build_file = "//third_party/prometheus_cpp:prometheus_cpp.BUILD",
        packages = ["prometheus-cpp-dev"],
    )

def _testing():
    debian_repository(
        name = "googletest",
        build_file = "//third_party/googletest:googletest.BUILD",
        packages = ["libgmock-dev", "libgtest-dev"],
    )
    debian_repository(
        name = "benchmark",
        build_file = "//third_party/benchmark:benchmark.BUILD",
        packages = ["libbenchmark-dev"],
    )

def keyward_repositories():
    """Declares every external repository."""
    _bazel_rules()
    _rpc()
    _libraries()
    _testing()
    boringssl_repository(name = "boringssl")
