#ifndef KEYWARD_COMMON_SERVER_BUILDER_PLUGINS_H_
#define KEYWARD_COMMON_SERVER_BUILDER_PLUGINS_H_

#include <grpcpp/impl/server_builder_option.h>

#include <memory>
#include <string>
#include <vector>

namespace keyward::server {

// Makes a builder tell the full names of all services that its server has, those of plugins
// included, in `names`, once it is built. `names` must outlive the builder.
std::unique_ptr<grpc::ServerBuilderOption> ListServices(std::vector<std::string>& names);

// Makes a builder leave out all plugins, such as reflection, which register themselves for every
// server of the process.
std::unique_ptr<grpc::ServerBuilderOption> NoPlugins();

}  // namespace keyward::server

#endif  // KEYWARD_COMMON_SERVER_BUILDER_PLUGINS_H_
