#include "CResources.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char openapi[] = {
#embed "../../openapi.yaml"
};
const EmbeddedFile emc_openapi = {"openapi.yaml", openapi, sizeof openapi};

static const unsigned char migration_0001[] = {
#embed "../../migrations/0001_jobs_and_probes.sql"
};

static const unsigned char migration_0002[] = {
#embed "../../migrations/0002_paused_jobs.sql"
};

static const unsigned char migration_0003[] = {
#embed "../../migrations/0003_columns_for_decisions.sql"
};

static const unsigned char migration_0004[] = {
#embed "../../migrations/0004_queue_and_versions.sql"
};

static const unsigned char migration_0005[] = {
#embed "../../migrations/0005_checkpoints.sql"
};

static const EmbeddedFile migrations[] = {
    {"0001_jobs_and_probes.sql", migration_0001, sizeof migration_0001},
    {"0002_paused_jobs.sql", migration_0002, sizeof migration_0002},
    {"0003_columns_for_decisions.sql", migration_0003, sizeof migration_0003},
    {"0004_queue_and_versions.sql", migration_0004, sizeof migration_0004},
    {"0005_checkpoints.sql", migration_0005, sizeof migration_0005},
};

size_t emc_migration_count(void) { return sizeof migrations / sizeof *migrations; }

EmbeddedFile emc_migration(size_t index) { return migrations[index]; }
