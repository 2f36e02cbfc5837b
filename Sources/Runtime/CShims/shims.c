// The C helpers stand in their headers and this unit.
#include "CShims.h"
