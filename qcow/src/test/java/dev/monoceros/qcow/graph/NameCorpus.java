package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.oracle.QemuImg;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * File names and option texts, good and bad. {@code @} stands for the directory that {@link
 * #images} fills.
 */
final class NameCorpus {
  private NameCorpus() {}

  /** Names on the command line. */
  static List<String> names() {
    return lines(
        """
        @/a.qcow2
        @/r.raw
        @/nosuch
        @/no/such
        @/r.raw/x
        @
        file:@/a.qcow2
        file:@/nosuch
        @/./a.qcow2
        @//sub/../a.qcow2
        foo:bar
        foo:
        :foo
        rbd2:x
        null-co://
        null-aio://
        null-co://x
        null-co:
        blkdebug:x
        blkdebug::@/a.qcow2
        blkdebug:@/cfg:@/a.qcow2
        blkdebug:@/nosuch:@/a.qcow2
        blkdebug:@/badevent:@/a.qcow2
        blkdebug:@/badgroup:@/a.qcow2
        blkdebug:@/badkey:@/a.qcow2
        blkdebug:@/nogroup:@/a.qcow2
        blkdebug::@/nosuch
        json:
        json:{
        json: {
        json:{}
        json:[]
        json:1
        json:-0
        json:"x"
        json:{} {}
        json:{} x
        json:{} "x
        json:{}}
        json:}
        json:{]}
        json:[}
        json:{"a"}
        json:{"a":}
        json:{"a":1,}
        json:{"a":1 "b":2}
        json:{1:2}
        json:{"a":1,"a":2}
        json:{"a":tru}
        json:{"a":true}
        json:{"a":nul
        json:@
        json:{"a":01}
        json:{"a":-}
        json:{"a":1.}
        json:1.e
        json:1e
        json:00
        json:-00
        json:0e1
        json:012345
        json:--
        json:{"a":0e1}
        json:{"a":"\\q"}
        json:{"a":"\\u00"}
        json:{"a":"\\ud800"}
        json:{"a":"\\ud83d\\ude00"}
        json:{"a":"x
        json:{"a":"\\
        json:{"a":"x\ty"}
        json:%p
        json:{"a":%p}
        json:{"a":[1,]}
        json:{"a":[1 2]}
        json:{"a":[
        json:{"a":{}}
        json:{"a":null}
        json:{"driver":null}
        json:{"driver":1}
        json:abc
        json:{A}
        json:{"driver":"qcow2"}
        json:{"driver":"nope"}
        json:{"driver":"null-co"}
        json:{'driver':'null-co','size':4096}
        json:{"driver":"null-co","size":"4096"}
        json:{"driver":"null-co","size":"64k"}
        json:{"driver":"null-co","zzz":18446744073709551616}
        json:{"driver":"null-co","x":1.5e300,"y":{"z":[1,true,null,"q"]}}
        json:{"driver":"qcow2","file":{"driver":"file","filename":"@/a.qcow2"}}
        json:{"driver":"qcow2","file.filename":"@/a.qcow2"}
        json:{"file.filename":"@/a.qcow2"}
        json:{"file":"@/a.qcow2"}
        json:{"driver":"qcow2","file":"x","file.filename":"y"}
        json:{"driver":"raw","offset":512,"size":"512","file.filename":"@/a.qcow2"}
        json:{"driver":"raw","offset":1.5,"file.driver":"null-co"}
        json:{"driver":"raw","file":{"driver":"qcow2","file":{"driver":"file","filename":"@/a.qcow2"}}}
        json:{"driver":"qcow2","read-only":4,"file.filename":"@/a.qcow2"}
        json:{"driver":"qcow2","read-only":true,"file.filename":"@/a.qcow2"}
        json:{"driver":"qcow2","backing":null,"file.filename":"@/a.qcow2"}
        json:{"driver":"file","filename":"@/r.raw"}
        json:{"driver":"file","filename":4}
        json:{"driver":"blkdebug","image":{"driver":"null-co"},"inject-error":[{"event":"read_aio"}]}
        json:{"driver":"blkdebug","image":{"driver":"null-co"},"inject-error":[4]}
        json:{"driver":"file","filename":"json:{}"}
        """);
  }

  /** Texts of {@code --image-opts}. */
  static List<String> options() {
    return lines(
        """
        @/a.qcow2
        driver
        driver=
        driver=,size=1
        driver=qcow2
        driver=nope
        driver=qcow2,file=@/a.qcow2
        driver=qcow2,file.filename=@/a.qcow2
        file.filename=@/a.qcow2
        file.filename=file:@/a.qcow2
        filename=@/a.qcow2
        ,driver=null-co
        driver=null-co,
        driver=null-co,,
        driver=null-co,,x
        driver=null-co,=x
        driver=null-co,foo=1
        driver=null-co,id=x
        driver=null-co,id=1
        driver=null-co,size=1M
        driver=null-co,size=1M,read-zeroes=on
        driver=null-co,latency-ns=5
        driver=null-co,latency-ns=-5
        driver=null-co,filename=x
        driver=raw,size=x,file.driver=null-co
        driver=raw,size=1,file.driver=null-co
        driver=raw,size=512,file.driver=null-co
        driver=raw,offset=-1,file.driver=null-co
        driver=raw,offset=2E,file.driver=null-co
        driver=raw,offset=16E,file.driver=null-co
        driver=raw,offset=15.99E,file.driver=null-co
        driver=raw,offset=99999999999999999999,file.driver=null-co
        driver=raw,offset=0x200,file.driver=null-co
        driver=raw,offset=1.5,file.driver=null-co
        driver=raw,offset=1.5k,file.driver=null-co
        driver=raw,offset=1e3,file.driver=null-co
        driver=raw,offset=.5k,file.driver=null-co
        driver=raw,offset=1.k,file.driver=null-co
        driver=raw,offset=,file.driver=null-co
        driver=raw,offset=0x,file.driver=null-co
        driver=raw,offset=1KB,file.driver=null-co
        driver=raw,offset=-0,file.driver=null-co
        driver=raw,offset=512,size=2G,file.driver=null-co
        driver=raw,offset=2G,file.driver=null-co
        driver=raw,foo=2G,file.driver=null-co
        driver=raw,foo=2G,file.driver=null-co,file.bar=1
        driver=raw,a=1,b=1,c=1,d=1,e=1,size=512,file.driver=null-co
        driver=qcow2,file.driver=null-co
        driver=qcow2,file.filename=@/r.raw
        driver=qcow2,file.driver=null-co,read-only=maybe
        driver=raw,file.driver=null-co,read-only=maybe
        driver=raw,file.driver=null-co,discard=x
        driver=raw,file.driver=null-co,detect-zeroes=x
        driver=raw,file.driver=null-co,detect-zeroes=unmap
        driver=raw,file.driver=null-co,detect-zeroes=unmap,discard=on
        driver=raw,file.driver=null-co,cache.direct=x
        driver=raw,file.driver=null-co,cache.foo=on
        driver=raw,file.driver=null-co,node-name=1
        driver=raw,file.driver=null-co,node-name=x
        driver=raw,file.driver=null-co,force-share=on,read-only=off
        driver=raw
        driver=file
        driver=file,filename=@/a.qcow2
        driver=raw,file.filename=@/a.qcow2
        driver=file,filename=
        driver=file,filename=@/nosuch
        driver=file,filename=file:@/a.qcow2
        driver=file,filename=@/r.raw,locking=x
        driver=file,filename=@/r.raw,aio=x
        driver=file,filename=@/r.raw,aio=native
        driver=file,filename=@/r.raw,aio=threads,locking=off
        driver=file,filename=@/r.raw,foo=1
        driver=host_device,filename=@/r.raw
        driver=raw,backing.driver=null-co,file.driver=null-co
        driver=qcow2,file.filename=@/a.qcow2,backing.driver=null-co
        driver=qcow2,file.filename=@/a.qcow2,overlap-check=x
        driver=qcow2,file.filename=@/a.qcow2,overlap-check=none,overlap-check.template=all
        driver=qcow2,file.filename=@/a.qcow2,overlap-check.active-l1=x
        driver=qcow2,file.filename=@/a.qcow2,l2-cache-size=1x
        driver=qcow2,file.filename=@/a.qcow2,l2-cache-size=1M,refcount-cache-size=1M,cache-size=1M
        driver=qcow2,file.filename=@/a.qcow2,l2-cache-size=2M,cache-size=1M
        driver=qcow2,file.filename=@/a.qcow2,refcount-cache-size=2M,cache-size=1M
        driver=qcow2,file.filename=@/a.qcow2,cache-clean-interval=99999999999
        driver=qcow2,file.filename=@/a.qcow2,cache-clean-interval=-1
        driver=qcow2,file.filename=@/a.qcow2,cache-clean-interval=x
        driver=qcow2,file.filename=@/a.qcow2,cache-clean-interval=1k
        driver=qcow2,file.filename=@/a.qcow2,cache-clean-interval=
        driver=qcow2,file.filename=@/a.qcow2,cache-clean-interval=99999999999999999999
        driver=qcow2,file.filename=@/a.qcow2,cache-clean-interval=0x10
        driver=qcow2,file.filename=@/a.qcow2,lazy-refcounts=x
        driver=qcow2,file.filename=@/a.qcow2,lazy-refcounts=On
        driver=qcow2,file.filename=@/a.qcow2,lazy-refcounts=yes
        driver=qcow2,file.filename=@/a.qcow2,pass-discard-other=on
        driver=qcow2,file.filename=@/a.qcow2,encrypt.format=luks
        driver=qcow2,file.filename=@/a.qcow2,read-only=on,auto-read-only=on,force-share=on
        driver=qcow2,file.filename=@/a.qcow2,foo=1
        driver=qcow2,file.driver=raw,file.file.filename=@/a.qcow2
        driver=qcow2,file.driver=raw,file.offset=0,file.file.filename=@/a.qcow2
        driver=qcow2,file.driver=blkdebug,file.image.filename=@/a.qcow2
        file.driver=qcow2,file.file.filename=@/a.qcow2
        driver=throttle
        driver=throttle,file.driver=null-co
        driver=throttle,throttle-group=x,file.driver=null-co
        driver=copy-on-read,file.driver=null-co
        driver=blkdebug
        driver=blkdebug,image.driver=null-co
        driver=blkdebug,image.driver=null-co,align=3
        driver=blkdebug,image.driver=null-co,align=4096,opt-discard=3
        driver=blkdebug,image.driver=null-co,max-transfer=3
        driver=blkdebug,image.driver=null-co,config=@/nosuch
        driver=blkdebug,image.driver=null-co,foo=nosuch
        driver=blkdebug,image.driver=null-co,inject-error.0.event=foo
        driver=blkdebug,image.driver=null-co,inject-error.0.event=read_aio
        driver=blkdebug,image.driver=null-co,inject-error.0.foo=read_aio
        driver=blkdebug,image.driver=null-co,inject-error.event=read_aio
        driver=blkdebug,image.driver=null-co,inject-error.0.state=3
        driver=blkdebug,image.driver=null-co,inject-error.0.event=none,inject-error.0.iotype=foo
        driver=blkdebug,image.driver=null-co,inject-error.0.event=none,inject-error.0.errno=foo
        driver=blkdebug,image.driver=null-co,inject-error.0.event=none,inject-error.foo=foo
        driver=blkdebug,image.driver=null-co,inject-error.0=none
        driver=blkdebug,image.driver=null-co,inject-error.1.event=none
        driver=blkdebug,image.driver=null-co,set-state.0.event=none,set-state.0.new_state=2
        driver=blkdebug,image.driver=qcow2,image.file.filename=@/a.qcow2
        driver=blkdebug,x-image=@/r.raw
        driver=preallocate,file.driver=null-co
        driver=preallocate,file.filename=@/r.raw
        driver=preallocate,file.driver=null-co,prealloc-align=3
        """);
  }

  private static List<String> lines(String text) {
    return text.lines().toList();
  }

  /** Makes the files that the names are about. */
  static void images(Path directory) throws IOException {
    QemuImg.succeed("create", "-q", "-f", "qcow2", directory.resolve("a.qcow2"), "1M");
    Files.write(directory.resolve("r.raw"), new byte[1 << 16]);
    Files.createDirectory(directory.resolve("sub"));
    write(directory, "cfg", "# rules\n[inject-error]\nevent = \"read_aio\"\n");
    write(directory, "badevent", "[inject-error]\nevent = \"foo\"\n");
    write(directory, "badgroup", "[foo]\nevent = \"read_aio\"\n");
    write(directory, "badkey", "[set-state]\nevnt = \"read_aio\"\n");
    write(directory, "nogroup", "event = \"read_aio\"\n");
  }

  private static void write(Path directory, String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text, StandardCharsets.US_ASCII);
  }
}
