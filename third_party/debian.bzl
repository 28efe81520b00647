"""Repositories over what Debian packages have installed under /usr."""

def _pkg_config(ctx, module):
    result = ctx.execute(["pkg-config", "--libs", module])
    if result.return_code != 0:
        fail("pkg-config does not know '%s'. Install what deploy/local/packages.txt lists: ./keyward test does so.\n%s" %
             (module, result.stderr))
    flags = []
    for flag in result.stdout.strip().split(" "):
        if flag.startswith("-l") and flag not in flags:
            flags.append(flag)
    return flags

def _debian_repository_impl(ctx):
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")
    ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % ctx.name)
    for target, link in ctx.attr.symlinks.items():
        ctx.symlink(target, link)

    modules = list(ctx.attr.pkg_config)
    for prefix in ctx.attr.pkg_config_prefixes:
        listed = ctx.execute(["pkg-config", "--list-all"]).stdout.split("\n")
        modules += sorted([line.split(" ")[0] for line in listed if line.startswith(prefix)])
    linkopts = []
    for module in modules:
        linkopts += [flag for flag in _pkg_config(ctx, module) if flag not in linkopts]

    # Headers under /usr are no declared inputs. Their packages' versions stand in for them, so that
    # a cached object is never linked against a library of another release.
    versions = ctx.execute(["dpkg-query", "--show"] + ctx.attr.packages)
    if versions.return_code != 0:
        fail("Missing Debian packages; ./keyward test installs them.\n" + versions.stderr)
    ctx.file("debian_versions.txt", versions.stdout)
    ctx.file("pkg_config.bzl", "LINKOPTS = %s\n" % repr(linkopts))

debian_repository = repository_rule(
    implementation = _debian_repository_impl,
    doc = "A repository whose BUILD file finds link flags in :pkg_config.bzl and package versions in :debian_versions.txt.",
    attrs = {
        "build_file": attr.label(mandatory = True, doc = "The repository's BUILD.bazel."),
        "packages": attr.string_list(mandatory = True, doc = "The Debian packages it stands on."),
        "pkg_config": attr.string_list(doc = "pkg-config modules whose libraries LINKOPTS holds."),
        "pkg_config_prefixes": attr.string_list(doc = "Prefixes; every pkg-config module that starts with one is added."),
        "symlinks": attr.string_dict(doc = "Absolute path to the name it gets in the repository."),
    },
    local = True,
)

def _file_repository_impl(ctx):
    ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % ctx.name)
    for label, path in ctx.attr.files.items():
        ctx.symlink(label, path)
    for package in ctx.attr.packages:
        ctx.file(package + "/BUILD.bazel" if package else "BUILD.bazel", "")

file_repository = repository_rule(
    implementation = _file_repository_impl,
    doc = "A repository made of a few of our own files.",
    attrs = {
        "files": attr.label_keyed_string_dict(mandatory = True, doc = "File to its path in the repository."),
        "packages": attr.string_list(doc = "Folders that become empty packages."),
    },
)
