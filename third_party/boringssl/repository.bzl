"""@boringssl: upstream's sources as Debian packaged them, built in FIPS mode."""

_PACKAGE = "android-platform-external-boringssl"
_VERSION = "13.0.0+r24-2"
_TARBALL = "android-platform-external-boringssl_13.0.0+r24.orig.tar.xz"
_SHA256 = "583b7aeee1fca68b8244d086cea6fca23bd19d517bd63f0b9de714e048f92a7d"

def _boringssl_repository_impl(ctx):
    cache = ctx.os.environ.get("HOME", "/root") + "/.cache/keyward/boringssl"
    ctx.report_progress("Downloading Debian's source package of BoringSSL")
    fetch = ctx.execute([ctx.path(ctx.attr._fetch), _PACKAGE, _VERSION, _TARBALL, _SHA256, cache])
    if fetch.return_code != 0:
        fail("Cannot get BoringSSL's sources:\n" + fetch.stderr)
    tarball = fetch.stdout.strip()

    ctx.symlink(tarball, "boringssl.tar.xz")
    ctx.symlink(ctx.attr._build, "build.sh")
    ctx.symlink(ctx.attr._build_file, "BUILD.bazel")
    ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % ctx.name)
    unpack = ctx.execute([
        "tar",
        "-xJf",
        tarball,
        "--strip-components=2",
        "--wildcards",
        "*/src/include/openssl/*",
        "*/src/third_party/wycheproof_testvectors/*.json",
    ])
    if unpack.return_code != 0:
        fail("Cannot unpack BoringSSL's sources:\n" + unpack.stderr)
    ctx.execute(["mv", "third_party/wycheproof_testvectors", "wycheproof_testvectors"])

boringssl_repository = repository_rule(
    implementation = _boringssl_repository_impl,
    attrs = {
        "_build": attr.label(default = "//third_party/boringssl:build.sh"),
        "_build_file": attr.label(default = "//third_party/boringssl:boringssl.BUILD"),
        "_fetch": attr.label(default = "//third_party/boringssl:fetch.sh"),
    },
)
