#pragma once

#include "process_shims.h"
#include "spawn.h"
