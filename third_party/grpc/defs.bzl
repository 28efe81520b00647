"""keyward_proto_library: a .proto, its C++ messages and its C++ gRPC stubs."""

def _cc_grpc_sources_impl(ctx):
    outputs = []
    for dep in ctx.attr.srcs:
        info = dep[ProtoInfo]
        root = info.proto_source_root
        for proto in info.direct_sources:
            path = _import_path(proto, root)
            stem = path[:-len(".proto")]
            files = [ctx.actions.declare_file("_grpc/%s%s" % (stem, ext)) for ext in [".grpc.pb.h", ".grpc.pb.cc"]]
            outputs += files
            out_dir = files[0].path[:-len(stem + ".grpc.pb.h")]
            arguments = ctx.actions.args()
            arguments.add("--plugin=protoc-gen-grpc=" + ctx.executable._plugin.path)
            arguments.add("--grpc_out=" + out_dir)
            arguments.add("--descriptor_set_in")
            arguments.add_joined(info.transitive_descriptor_sets, join_with = ":")
            arguments.add(path)
            ctx.actions.run(
                executable = ctx.executable._protoc,
                arguments = [arguments],
                inputs = info.transitive_descriptor_sets,
                tools = [ctx.executable._plugin],
                outputs = files,
                mnemonic = "GrpcCpp",
                progress_message = "Generating gRPC stubs of " + path,
            )
    return [DefaultInfo(files = depset(outputs))]

def _import_path(proto, root):
    for prefix in [root + "/", proto.root.path + "/"]:
        if prefix != "./" and proto.path.startswith(prefix):
            return proto.path[len(prefix):]
    return proto.short_path

_cc_grpc_sources = rule(
    implementation = _cc_grpc_sources_impl,
    attrs = {
        "srcs": attr.label_list(providers = [ProtoInfo], mandatory = True),
        "_protoc": attr.label(
            default = "@com_google_protobuf//:protoc",
            executable = True,
            cfg = "exec",
            allow_single_file = True,
        ),
        "_plugin": attr.label(
            default = "@grpc//:grpc_cpp_plugin",
            executable = True,
            cfg = "exec",
            allow_single_file = True,
        ),
    },
)

def cc_grpc_library(name, srcs, deps, **kwargs):
    """The C++ gRPC stubs of proto_library targets.

    Args:
      name: the cc_library.
      srcs: proto_library targets, each with the gRPC services.
      deps: their cc_proto_library targets.
      **kwargs: passed on to cc_library, e.g. visibility.
    """
    _cc_grpc_sources(name = name + "_sources", srcs = srcs)
    native.cc_library(
        name = name,
        srcs = [":" + name + "_sources"],
        hdrs = [":" + name + "_sources"],
        includes = ["_grpc"],
        deps = deps + ["@grpc//:grpc++"],
        **kwargs
    )

def keyward_proto_library(name, srcs, deps = [], grpc = False, **kwargs):
    """Makes `<name>_proto`, `<name>_cc_proto` and, for services, `<name>_cc_grpc`.

    Imports and C++ includes start below /protos: "keyward/keyvault/v1/keys.proto" and
    "keyward/keyvault/v1/keys.pb.h".

    Args:
      name: the stem of the targets' names.
      srcs: the .proto files.
      deps: other keyward_proto_library targets, by their stem ("//protos/keyward/auth/v1:policy"),
        or any proto_library whose name ends in _proto.
      grpc: whether the files declare services.
      **kwargs: passed on to the targets, e.g. visibility.
    """
    native.proto_library(
        name = name + "_proto",
        srcs = srcs,
        strip_import_prefix = "/protos",
        deps = [dep if dep.endswith("_proto") else dep + "_proto" for dep in deps],
        **kwargs
    )
    native.cc_proto_library(
        name = name + "_cc_proto",
        deps = [":" + name + "_proto"],
        **kwargs
    )
    if grpc:
        cc_grpc_library(
            name = name + "_cc_grpc",
            srcs = [":" + name + "_proto"],
            deps = [":" + name + "_cc_proto"],
            **kwargs
        )
