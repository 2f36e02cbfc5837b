// LocalLauncher
