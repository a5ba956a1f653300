#include "CResources.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char openapi[] = {
#embed "../../openapi.yaml"
};
const EmbeddedFile emc_openapi = {"openapi.yaml", openapi, sizeof openapi};
