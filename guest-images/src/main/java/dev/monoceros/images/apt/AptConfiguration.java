package dev.monoceros.images.apt;

import java.nio.file.Path;

/**
 * The configuration given to apt with -c, which apt reads after the machine's own (apt.conf(5)):
 * proxies and transports of the machine stay in force; everything that names a system directory,
 * runs a hook or weakens verification is replaced.
 */
final class AptConfiguration {
  private AptConfiguration() {}

  static String text(Path root, String architecture) {
    return """
        Dir::State "%1$s";
        Dir::State::lists "%1$s/lists";
        Dir::State::status "%1$s/status";
        Dir::State::extended_states "%1$s/extended_states";
        Dir::Cache "%1$s";
        Dir::Cache::archives "%1$s/archives";
        Dir::Cache::pkgcache "";
        Dir::Cache::srcpkgcache "";
        Dir::Log "%1$s";
        Dir::Etc::sourcelist "%1$s/debian.sources";
        Dir::Etc::sourceparts "/dev/null";
        Dir::Etc::preferences "/dev/null";
        Dir::Etc::preferencesparts "/dev/null";
        APT::Default-Release "";
        APT::Architecture "%2$s";
        #clear APT::Architectures;
        APT::Architectures:: "%2$s";
        APT::Install-Recommends "false";
        APT::Install-Suggests "false";
        APT::Sandbox::User "root";
        APT::Update::Error-Mode "any";
        #clear APT::Update::Pre-Invoke;
        #clear APT::Update::Post-Invoke;
        #clear APT::Update::Post-Invoke-Success;
        #clear DPkg::Pre-Install-Pkgs;
        #clear DPkg::Pre-Invoke;
        #clear DPkg::Post-Invoke;
        Debug::NoLocking "true";
        Acquire::Languages "none";
        Acquire::ForceHash "SHA256";
        Acquire::AllowInsecureRepositories "false";
        Acquire::AllowWeakRepositories "false";
        Acquire::AllowDowngradeToInsecureRepositories "false";
        APT::Get::AllowUnauthenticated "false";
        Acquire::Retries "2";
        Acquire::http::Timeout "30";
        Acquire::https::Timeout "30";
        """
        .formatted(root, architecture);
  }
}
