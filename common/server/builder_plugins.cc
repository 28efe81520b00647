#include "common/server/builder_plugins.h"

#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/impl/server_initializer.h>

namespace keyward::server {
namespace {

class ListServicesPlugin final : public grpc::ServerBuilderPlugin {
 public:
  explicit ListServicesPlugin(std::vector<std::string>& names) : names_(names) {}

  std::string name() override { return "keyward.list_services"; }
  void InitServer(grpc::ServerInitializer*) override {}
  // Comes after InitServer of every plugin, so that what those registered is there.
  void Finish(grpc::ServerInitializer* initializer) override {
    names_ = *initializer->GetServiceList();
  }
  void ChangeArguments(const std::string&, void*) override {}

 private:
  std::vector<std::string>& names_;
};

class ListServicesOption final : public grpc::ServerBuilderOption {
 public:
  explicit ListServicesOption(std::vector<std::string>& names) : names_(names) {}

  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->push_back(std::make_unique<ListServicesPlugin>(names_));
  }

 private:
  std::vector<std::string>& names_;
};

class NoPluginsOption final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->clear();
  }
};

}  // namespace

std::unique_ptr<grpc::ServerBuilderOption> ListServices(std::vector<std::string>& names) {
  return std::make_unique<ListServicesOption>(names);
}

std::unique_ptr<grpc::ServerBuilderOption> NoPlugins() {
  return std::make_unique<NoPluginsOption>();
}

}  // namespace keyward::server
