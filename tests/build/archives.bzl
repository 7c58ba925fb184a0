"""What libraries are made of, for tests that look at symbols."""

def _archives_impl(ctx):
    archives = []
    for library in ctx.attr.libraries:
        for input in library[CcInfo].linking_context.linker_inputs.to_list():
            if not input.owner.workspace_name and input.owner.package.startswith(ctx.attr.under):
                archives += [part.pic_static_library or part.static_library for part in input.libraries]
    return [DefaultInfo(files = depset(archives), runfiles = ctx.runfiles(archives))]

archives = rule(
    doc = "The archives of libraries and of what they depend on.",
    implementation = _archives_impl,
    attrs = {
        "libraries": attr.label_list(providers = [CcInfo]),
        "under": attr.string(doc = "Only those of packages that begin so."),
    },
)
