/** The codec server: what is encrypted, shown to those who may read it. */
export { startCodecServer, type CodecServer } from './start-codec-server';
