#ifndef KEYWARD_SERVICES_MODEL_DEPLOYMENT_SCHEMA_H_
#define KEYWARD_SERVICES_MODEL_DEPLOYMENT_SCHEMA_H_

#include "common/storage/migration.h"

namespace keyward::model_deployment {

// The tables of this service's stores.
storage::Schema ModelDeploymentSchema();

}  // namespace keyward::model_deployment

#endif  // KEYWARD_SERVICES_MODEL_DEPLOYMENT_SCHEMA_H_
