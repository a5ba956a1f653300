#include "CResources.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char openapi[] = {
#embed "../../openapi.yaml"
};
const EmbeddedFile emc_openapi = {"openapi.yaml", openapi, sizeof openapi};

static const unsigned char migration_0001[] = {
#embed "../../migrations/0001_jobs_and_probes.sql"
};

static const EmbeddedFile migrations[] = {
    {"0001_jobs_and_probes.sql", migration_0001, sizeof migration_0001},
};

size_t emc_migration_count(void) { return sizeof migrations / sizeof *migrations; }

EmbeddedFile emc_migration(size_t index) { return migrations[index]; }
